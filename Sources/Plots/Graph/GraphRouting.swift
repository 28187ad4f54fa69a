/// The course of the edges of a graph whose boxes have their positions.
package struct GraphRouting: Sendable {
  /// The outline of each edge, in the order of the graph's links.
  package private(set) var outlines: [String] = []
  /// The tip of each edge's arrow head, and whether it comes from the right instead of from above.
  package private(set) var tips: [(point: PlanePoint, isFromRight: Bool)] = []
  /// How many pixels the lanes next to the layers take.
  package private(set) var lanesWidth = 0.0

  private static let headLength = 7.0
  private static let laneDistance = 7.0
  /// Lanes are reused if there would be more than this.
  private static let laneLimit = 40

  package init(_ layout: GraphLayout) {
    let entries = Self.entries(layout)
    let lanes = Self.lanes(layout)
    lanesWidth = lanes.values.max().map { Double($0 + 2) * Self.laneDistance } ?? 0
    for (index, route) in layout.layers.routes.enumerated() {
      if let lane = lanes[index] {
        let right = layout.width + Double(lane) * Self.laneDistance
        addLane(layout.boxes[route.from], layout.boxes[route.to], right)
      } else {
        addCurve(layout, route, entry: entries[index])
      }
    }
  }

  /// Where each edge enters its target: below where it comes from, as far as the box reaches, and
  /// apart from the others.
  private static func entries(_ layout: GraphLayout) -> [Double] {
    var entries = Array(repeating: 0.0, count: layout.layers.routes.count)
    var incoming: [[(route: Int, x: Double)]] = Array(repeating: [], count: layout.boxes.count)
    for (index, route) in layout.layers.routes.enumerated() where route.path.count > 1 {
      incoming[route.to].append((index, layout.x[route.path[route.path.count - 2]]))
    }
    for (node, edges) in incoming.enumerated() where !edges.isEmpty {
      let box = layout.boxes[node]
      let room = max(box.width - 16, 0)
      let distance = min(14, room / Double(edges.count))
      let sorted = edges.sorted { ($0.x, $0.route) < ($1.x, $1.route) }
      let positions = LabelPlacement.spread(
        desired: sorted.map { min(max($0.x, box.midX - room / 2), box.midX + room / 2) },
        sizes: sorted.map { _ in distance },
        // An edge from straight above stays straight.
        weights: sorted.map { abs($0.x - box.midX) < 1 ? 1000 : 1 },
        bounds: box.midX - room / 2...box.midX + room / 2)
      for (edge, position) in zip(sorted, positions) { entries[edge.route] = position }
    }
    return entries
  }

  /// Adds a curve from the bottom of a box through its points to the top of another, vertical at each.
  private mutating func addCurve(
    _ layout: GraphLayout, _ route: GraphLayers.Route, entry: Double
  ) {
    let start = layout.boxes[route.from]
    var current = PlanePoint(start.midX, start.maxY)
    var outline = SVGWriter.outline([current])
    func curve(to end: PlanePoint) {
      let middle = (current.y + end.y) / 2
      let points = [PlanePoint(current.x, middle), PlanePoint(end.x, middle), end]
      if abs(current.x - end.x) < 0.01 {
        outline += "V" + NumberText.coordinate(end.y)
      } else {
        outline += "C"
        outline += points.map { NumberText.coordinate($0.x) + " " + NumberText.coordinate($0.y) }
          .joined(separator: " ")
      }
      current = end
    }
    for vertex in route.path.dropFirst().dropLast() {
      let band = layout.bands[layout.layers.vertices[vertex].layer]
      curve(to: PlanePoint(layout.x[vertex], band.top))
      curve(to: PlanePoint(layout.x[vertex], band.bottom))
    }
    let tip = PlanePoint(entry, layout.boxes[route.to].y)
    // A box that is not as tall as its layer is reached through its layer, straight down.
    let band = layout.bands[layout.layers.vertices[route.to].layer]
    if tip.y > band.top { curve(to: PlanePoint(entry, band.top)) }
    curve(to: PlanePoint(tip.x, max(tip.y - Self.headLength + 1, current.y)))
    outlines.append(outline)
    tips.append((tip, false))
  }

  // MARK: Lanes

  /// Edges too long for the layers, each with its lane. Edges of one source, or of one target
  /// if that has more of them, share a lane; lanes that overlap in height are different.
  private static func lanes(_ layout: GraphLayout) -> [Int: Int] {
    struct Bundle: Hashable {
      let node: Int
      let isSource: Bool
    }
    let long = layout.layers.routes.enumerated().filter { $0.element.path.isEmpty }
    var given = Array(repeating: 0, count: layout.boxes.count)
    var taken = Array(repeating: 0, count: layout.boxes.count)
    for (_, route) in long {
      given[route.from] += 1
      taken[route.to] += 1
    }
    var bundles: [(top: Double, bottom: Double, routes: [Int])] = []
    var known: [Bundle: Int] = [:]
    for (index, route) in long {
      let isSource = given[route.from] >= taken[route.to]
      let key = Bundle(node: isSource ? route.from : route.to, isSource: isSource)
      let (top, bottom) = (layout.boxes[route.from].midY, layout.boxes[route.to].midY)
      if let at = known[key] {
        bundles[at].top = min(bundles[at].top, top)
        bundles[at].bottom = max(bundles[at].bottom, bottom)
        bundles[at].routes.append(index)
      } else {
        known[key] = bundles.count
        bundles.append((top, bottom, [index]))
      }
    }
    bundles.sort { ($0.top, $0.bottom, $0.routes[0]) < ($1.top, $1.bottom, $1.routes[0]) }
    var free = Array(repeating: -Double.infinity, count: laneLimit)
    var lanes: [Int: Int] = [:]
    for (rank, bundle) in bundles.enumerated() {
      let lane = free.firstIndex { $0 < bundle.top } ?? rank % laneLimit
      free[lane] = max(free[lane], bundle.bottom)
      for route in bundle.routes { lanes[route] = lane }
    }
    return lanes
  }

  /// Adds a path out to the right, down the lane, and back in from the right.
  private mutating func addLane(_ from: Box, _ to: Box, _ right: Double) {
    let tip = PlanePoint(to.maxX, to.midY)
    let bend = min(12, right - max(from.maxX, to.maxX))
    func text(_ x: Double, _ y: Double) -> String {
      NumberText.coordinate(x) + " " + NumberText.coordinate(y)
    }
    outlines.append(
      "M" + text(from.maxX, from.midY) + "L" + text(right - bend, from.midY)
        + "Q" + text(right, from.midY) + " " + text(right, from.midY + bend)
        + "L" + text(right, tip.y - bend)
        + "Q" + text(right, tip.y) + " " + text(right - bend, tip.y)
        + "L" + text(tip.x + Self.headLength - 1, tip.y))
    tips.append((tip, true))
  }
}
