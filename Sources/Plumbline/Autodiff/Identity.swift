/// What makes two values the same parameter, layer or tape: copies of a value share it.
package final class Identity: Sendable {}
