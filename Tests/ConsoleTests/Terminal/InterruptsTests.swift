import Console
import Findings
import Foundation
import Synchronization
import Testing

private let isInside = Atomic<Bool>(false)

/// Sends a signal to this thread, and returns when it was handled. Threads of a pool block signals.
private func raiseHere(_ number: Int32) {
  var set = sigset_t()
  sigemptyset(&set)
  sigaddset(&set, number)
  pthread_sigmask(SIG_UNBLOCK, &set, nil)
  raise(number)
}

@Suite struct InterruptsTests {
  @Test func endsWithStatus130() async {
    await #expect(processExitsWith: .exitCode(130)) {
      Interrupts.install()
      raiseHere(SIGINT)
    }
    await #expect(processExitsWith: .exitCode(130)) {
      Interrupts.install()
      raiseHere(SIGTERM)
    }
  }

  @Test func waitsForOtherThreads() async throws {
    let result = await #expect(
      processExitsWith: .exitCode(130), observing: [\.standardOutputContent]
    ) {
      Interrupts.install()
      // The signal arrives here while another thread is inside.
      await withTaskGroup { group in
        group.addTask {
          Interrupts.finishing {
            isInside.store(true, ordering: .sequentiallyConsistent)
            usleep(100_000)
            _ = write(1, "finished", 8)
          }
        }
        group.addTask {
          while !isInside.load(ordering: .sequentiallyConsistent) { usleep(100) }
          raiseHere(SIGINT)
          // Nobody may come in any more once the other has left.
          usleep(300_000)
          _ = write(1, "too far", 7)
        }
      }
    }
    let text = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
    #expect(text.contains("finished"))
    #expect(!text.contains("too far"))
  }

  @Test func writesTheNote() async throws {
    let result = await #expect(
      processExitsWith: .exitCode(130), observing: [\.standardErrorContent]
    ) {
      Interrupts.install(note: "stopped; run the same command again")
      raiseHere(SIGINT)
    }
    let bytes = try #require(result).standardErrorContent
    #expect(
      String(decoding: bytes, as: UTF8.self).contains("stopped; run the same command again\n"))
  }

  @Test func finishesWhatItIsIn() async throws {
    let result = await #expect(
      processExitsWith: .exitCode(130), observing: [\.standardOutputContent]
    ) {
      Interrupts.install()
      Interrupts.finishing {
        Interrupts.finishing { raiseHere(SIGINT) }
        _ = write(1, "finished", 8)
      }
      _ = write(1, "too far", 7)
    }
    let text = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
    #expect(text.contains("finished"))
    #expect(!text.contains("too far"))
  }

  @Test func returnsAndThrowsWhatTheBodyDoes() throws {
    #expect(Interrupts.finishing { 3 } == 3)
    let error = Problem.cannotWrite("x", .noSpace)
    #expect(throws: error) { try Interrupts.finishing { () throws(Problem) in throw error } }
  }
}
