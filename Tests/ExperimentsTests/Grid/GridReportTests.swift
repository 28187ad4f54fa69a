import Experiments
import Foundation
import Testing
import Training

/// Results made by hand: the loss of each seed, nil for one that diverged; the error is a tenth of it.
private func results(_ cells: [(Arm, Int, [Double?])]) throws -> GridResults {
  GridResults(
    cells: try cells.map { arm, depth, losses in
      GridResults.CellResult(
        cell: GridCell(arm: arm, depth: depth), search: LearningRateSearch(grid: [1e-3]),
        outcomes: try losses.map { try outcome(loss: $0, error: $0.map { $0 / 10 }) })
    }, predictions: predictions)
}

private let predictions: [Prediction] = [.rises("plain"), .isBelow("residual", "plain")]

private func outcome(loss: Double?, error: Double?) throws -> GridOutcome {
  let fields: [String: Any] = [
    "train_loss": loss as Any? ?? NSNull(), "train_error": error as Any? ?? NSNull(),
    "diverged": loss == nil, "diverged_at_step": loss == nil ? 3 as Any : NSNull(),
    "epochs": [["epoch": 1, "mean_batch_loss": 2.5]], "parameters": 100, "parameters_hash": "00",
    "peak_bytes": 4096, "diagnosis": [String](),
    "seconds": 0.5,
  ]
  return try JSONText.decoder.decode(
    GridOutcome.self, from: JSONSerialization.data(withJSONObject: fields))
}

private func report(_ results: GridResults) -> GridReport {
  GridReport(
    results, configuration: GridConfiguration(), dataStatement: "glyphs & <b>",
    titles: ("Training loss rises with depth", "Training error against depth"))
}

/// A loss for each of five seeds around a value.
private func around(_ value: Double) -> [Double?] {
  [-0.02, -0.01, 0, 0.01, 0.02].map { value * (1 + $0) }
}

@Suite struct GridResultsTests {
  @Test func spanStartsAtDepthFour() throws {
    func span(_ depths: [Int]) throws -> [Int] {
      let span = try results(depths.map { (.plain, $0, [1]) }).span
      return span.map { [$0.shallow, $0.deep] } ?? []
    }
    #expect(try span([2, 4, 8, 64]) == [4, 64])
    #expect(try span([2, 3]) == [2, 3])
    // A depth from 4 on that is the largest too leaves the one below it.
    #expect(try span([2, 4]) == [2, 4])
    #expect(try span([1, 2, 64]) == [1, 64])
    #expect(try span([64, 4]) == [4, 64])
    #expect(try span([8]).isEmpty)
  }

  @Test func comparesSeedBySeed() throws {
    let results = try results([
      (.plain, 4, [1, 2, 3, 4, 5]), (.residual, 4, [0.9, 1.9, 2.9, 3.9, 4.9]),
    ])
    let comparison = try #require(results.comparisonsWithReference.first)
    #expect(comparison.cell.arm == .residual && comparison.reference.arm == .plain)
    // The cells overlap widely, and every pair differs by a tenth.
    #expect(comparison.lossDifference.sign == .negative)
    #expect(abs(comparison.lossDifference.median + 0.1) < 1e-12)
    #expect(abs(comparison.errorDifference.median + 0.01) < 1e-12)
    #expect(results.comparisonsWithReference.count == 1)
  }

  @Test func divergenceIsTheWorst() throws {
    let results = try results([
      (.plain, 4, [1, 1, nil, nil, nil]), (.residual, 4, [1, 2, 3, nil, nil]),
    ])
    #expect(results[.plain, 4]?.loss.median == .infinity)
    #expect(results[.plain, 4]?.error.median == 1)
    #expect(results[.plain, 4]?.divergedCount == 3)
    let difference = try #require(results.comparisonsWithReference.first).lossDifference
    // 0, 1, -infinite, and two that cannot be told.
    #expect(difference.low == -.infinity && difference.high == 1 && difference.median == 0)
  }

  @Test func theClaimNeedsBothIntervals() throws {
    func holds(_ plain: [[Double?]], _ residual: [[Double?]]) throws -> Bool? {
      try results([
        (.plain, 4, plain[0]), (.plain, 64, plain[1]), (.residual, 4, residual[0]),
        (.residual, 64, residual[1]),
      ]).claimHolds
    }
    #expect(try holds([around(1), around(2)], [around(1), around(1)]) == true)
    #expect(try holds([around(1), around(1)], [around(1), around(0.5)]) == false)
    #expect(try holds([around(1), around(2)], [around(1), around(2)]) == false)
    #expect(try holds([around(2), around(1)], [around(1), around(0.5)]) == false)
    #expect(
      try holds([around(1), Array(repeating: nil, count: 5)], [around(1), around(1)]) == true)
    // Four seeds are too few for the stated probability.
    let four = [1.0, 1.1, 1.2, 1.3]
    #expect(try holds([four, four.map { 2 * $0 }], [four, four]) == false)
  }

  @Test func theClaimNeedsArmsAndDepths() throws {
    #expect(try results([(.plain, 4, around(1)), (.plain, 64, around(2))]).claimHolds == nil)
    #expect(try results([(.plain, 4, around(1)), (.residual, 4, around(2))]).claimHolds == nil)
    #expect(try results([(.residual, 4, around(1)), (.residual, 64, around(2))]).claimHolds == nil)
  }
}

@Suite struct GridReportTests {
  private func sentences(_ cells: [(Arm, Int, [Double?])]) throws -> [String] {
    report(try results(cells)).sentences
  }

  /// Plain rises from 1 to 8, residual stays.
  private let clear: [(Arm, Int, [Double?])] = [
    (.plain, 4, around(1)), (.plain, 64, around(8)), (.residual, 4, around(1)),
    (.residual, 64, [0.9, 1.1, 1, 0.95, 1.05]),
  ]

  @Test func sentencesSayWhatTheIntervalsSay() throws {
    let text = try sentences(clear)
    #expect(text.count == 4)
    #expect(text[0].hasPrefix("plain: from depth 4 to 64 training loss rises (1 to 8, "))
    #expect(text[0].contains("training error 10 % to 80 %"))
    #expect(text[0].contains("paired difference in loss +6.86 ... +7.14, 93.8 % interval"))
    #expect(text[1].contains("residual: from depth 4 to 64 training loss shows no change"))
    #expect(text[2].contains("At depth 64 residual is below plain in training error"))
    #expect(text[3].hasPrefix("The claim holds: "))
    let falling = try sentences([(.plain, 4, around(2)), (.plain, 64, around(1))])
    #expect(falling[0].contains("training loss falls (2 to 1,"))
    #expect(falling.last?.contains("not requested") == true)
    let above = try sentences([
      (.plain, 4, around(1)), (.plain, 64, around(2)), (.unscaled, 4, around(1)),
      (.unscaled, 64, around(3)),
    ])
    #expect(above.contains { $0.contains("unscaled is above plain in training error") })
  }

  @Test func fewSeedsSupportNoVerb() throws {
    // A factor of a thousand, but two seeds: an interval of probability 1/2.
    let text = try sentences([
      (.plain, 4, [1, 1]), (.plain, 64, [1000, 1000]), (.residual, 4, [1, 1]),
      (.residual, 64, [1, 1]),
    ])
    for sentence in text {
      for verb in ["rises (", "falls (", "is below", "is above", "The claim holds"] {
        #expect(!sentence.contains(verb), "\(sentence)")
      }
    }
    #expect(text[0].contains("50 % interval"))
    #expect(text[2].contains("residual is not distinguishable from plain"))
  }

  @Test func theTitleClaimsNoMoreThanTheIntervals() throws {
    func title(_ cells: [(Arm, Int, [Double?])], errors: [Double]? = nil) throws -> String {
      var results = try results(cells)
      if let errors {
        // The same losses, with other errors in every cell.
        results = GridResults(
          cells: try results.cells.map { cell in
            GridResults.CellResult(
              cell: cell.cell, search: LearningRateSearch(grid: [1e-3]),
              outcomes: try zip(cell.outcomes, errors).map {
                try outcome(loss: $0.trainLoss, error: $1)
              })
          }, predictions: predictions)
      }
      let svg = report(results).figure(command: "").svg()
      let start = try #require(svg.firstRange(of: /<title[^>]*>/)).upperBound
      return String(svg[start...].prefix { $0 != "<" })
    }
    // The losses differ and the errors do not, so the title must not speak of errors.
    let equal = Array(repeating: 0.1, count: 5)
    #expect(try title(clear, errors: equal).contains("Training loss rises"))
    #expect(try !title(clear, errors: equal).contains("error"))
    // Both rise by 7; residual is below plain, but does not rise less.
    let parallel: [(Arm, Int, [Double?])] = [
      (.plain, 4, around(1)), (.plain, 64, around(8)), (.residual, 4, around(0.1)),
      (.residual, 64, around(7.1)),
    ]
    #expect(report(try results(parallel)).results.claimHolds == true)
    #expect(try !title(parallel).contains("less"))
    // Whether residual nets change is open here, so nothing is said of it.
    #expect(try !title(clear).contains("not in residual"))
    let reversed = clear.map { ($0.0 == .plain ? Arm.residual : .plain, $0.1, $0.2) }
    #expect(try title(reversed) == "Training error against depth")
  }

  @Test func aClaimThatIsNotShownIsNotCalledFalse() throws {
    // Two seeds leave everything open.
    let few = try sentences([
      (.plain, 4, [1, 1]), (.plain, 64, [9, 9]), (.residual, 4, [1, 1]), (.residual, 64, [1, 1]),
    ])
    #expect(few.last?.hasPrefix("These runs do not show that the claim holds: ") == true)
    let opposite = try sentences([
      (.plain, 4, around(9)), (.plain, 64, around(1)), (.residual, 4, around(1)),
      (.residual, 64, around(9)),
    ])
    #expect(opposite.last == "These runs do not show that the claim holds.")
  }

  @Test func divergenceIsNamed() throws {
    let text = try sentences([
      (.plain, 4, around(1)), (.plain, 64, Array(repeating: nil, count: 5)),
    ])
    #expect(text[0].contains("rises (1 to diverged, training error 10 % to 100 %"))
    #expect(text[0].contains("+infinite ... +infinite"))
    let back = try sentences([
      (.plain, 4, Array(repeating: nil, count: 5)), (.plain, 64, around(1)),
    ])
    #expect(back[0].contains("falls (diverged to 1,") && back[0].contains("-infinite"))
    let both = try sentences([
      (.plain, 4, Array(repeating: nil, count: 5)), (.plain, 64, Array(repeating: nil, count: 5)),
    ])
    #expect(both[0].contains("shows no change"))
  }

  @Test func oneDepthClaimsNothing() throws {
    let text = try sentences([(.plain, 4, around(1)), (.residual, 4, around(0.1))])
    #expect(text.count == 1 && text[0].contains("nothing is claimed"))
  }

  @Test func fewSeedsAreNamed() throws {
    let few = try sentences([
      (.plain, 4, [1, 1]), (.plain, 64, [9, 9]), (.residual, 4, [1, 1]), (.residual, 64, [1, 1]),
    ])
    #expect(few.contains { $0.contains("2 seeds cover") && $0.contains("--report-seeds 5") })
    #expect(try !sentences(clear).contains { $0.contains("but a claim needs") })
  }

  /// Ten seeds can show something of two comparisons together, and five nothing.
  @Test func comparisonsAreCorrectedForTheirNumber() throws {
    let ten = Array(around(1) + around(1))
    let cells: [(Arm, Int, [Double?])] = [
      (.plain, 4, ten), (.plain, 64, ten.map { $0.map { 8 * $0 } }), (.residual, 4, ten),
      (.residual, 64, ten),
    ]
    let many = report(try results(cells))
    #expect(many.text.contains("corrected for 2 comparisons (Holm)"))
    let differences = many.summary.differencesFromReference
    #expect(differences.map(\.p) == [1, 0.001953125])
    #expect(differences.map(\.correctedP) == [1, 0.00390625])
    let few = report(try results(clear))
    #expect(few.text.contains("all 2 jointly") && few.text.contains("--report-seeds 6"))
    #expect(few.page(figure: "", command: "")?.text.contains("needs 6 seeds") == true)
  }

  @Test func effectsAreMeansOverCellsThatDifferInNothingElse() throws {
    let report = report(try results(clear))
    let effects = report.results.effects
    #expect(effects.map(\.factor) == ["arm", "depth"])
    #expect(effects.map(\.pairs) == [1, 2])
    // At depth 4 both are the same runs, which is not a pair. At 64 the errors are 0.8 and 0.1.
    #expect(abs(effects[0].error.mean + 0.7) < 1e-9)
    #expect(abs(effects[1].error.mean - 0.35) < 1e-9)
    #expect(effects[1].error.low > 0.3 && effects[1].error.high < 0.4)
    let html = try #require(report.page(figure: "", command: "")).text
    #expect(html.contains("<h2>Effect of each factor</h2>"))
    #expect(report.summary.effects.count == 2)
    // A run that diverged has an error and no loss.
    let diverged = try results([(.plain, 4, around(1)), (.residual, 4, [nil, 1, 1, 1, 1])]).effects
    #expect(diverged.count == 1 && diverged[0].logLoss == nil)
    #expect(try results([(.plain, 4, [1]), (.residual, 4, [2])]).effects.isEmpty)
  }

  @Test func csvHasALineForEachCell() throws {
    let text = report(try results([(.plain, 4, [1, 2, 3]), (.zero, 8, [nil, nil, 5])])).csv
    #expect(
      text == """
        arm,depth,parameters,learning_rate,rate_at_edge,seeds,diverged,\
        train_loss_median,train_loss_low,train_loss_high,\
        train_error_median,train_error_low,train_error_high,coverage
        plain,4,100,0.001,false,3,0,2.0,1.0,3.0,0.2,0.1,0.3,0.75
        zero,8,100,0.001,false,3,2,,5.0,,1.0,0.5,1.0,0.75

        """)
  }

  @Test func summaryIsJSONWithoutInfinities() throws {
    let summary = report(
      try results([
        (.plain, 4, around(1)), (.plain, 64, [nil, nil, nil, nil, 4]), (.residual, 4, around(1)),
        (.residual, 64, around(1)),
      ])
    ).summary
    let object = try JSONSerialization.jsonObject(with: try JSONText.encoder.encode(summary))
    let fields = try #require(object as? [String: Any])
    #expect(fields["claim_holds"] as? Bool == true)
    let cells = try #require(fields["cells"] as? [[String: Any]])
    #expect(cells.count == 4 && cells[1]["diverged"] as? Int == 4)
    let loss = try #require(cells[1]["train_loss"] as? [String: Any])
    #expect(loss["median"] == nil && loss["low"] as? Double == 4)
    #expect(loss["coverage"] as? Double == 0.9375)
    let differences = try #require(fields["differences_from_reference"] as? [[String: Any]])
    #expect(differences.map { $0["depth"] as? Int } == [4, 64])
    #expect((fields["sentences"] as? [String])?.isEmpty == false)
  }

  @Test func htmlHoldsSentencesTableAndFigure() throws {
    let report = report(try results(clear))
    let html = try #require(
      report.page(figure: "<svg id=\"f\"></svg>", command: "research depth <x>")
    ).text
    for sentence in report.sentences { #expect(html.contains(">\(sentence)</p>")) }
    #expect(html.contains("<figure class=\"wide\"><svg id=\"f\"></svg></figure>"))
    // The verdict and the figure come first, and numbers are rounded outside of what is unfolded.
    let verdict = try #require(html.range(of: "<p class=\"verdict\">The claim holds"))
    let figure = try #require(html.range(of: "<figure class=\"wide\">"))
    let first = try #require(html.range(of: "<p>plain: "))
    #expect(verdict.lowerBound < figure.lowerBound && figure.lowerBound < first.lowerBound)
    let table = try #require(html.range(of: "<h2>Results</h2>"))
    #expect(html[table.lowerBound...].contains("<details>"))
    #expect(html.contains("<pre>research depth &lt;x&gt;</pre>"))
    #expect(html.contains("<p>glyphs &amp; &lt;b&gt;</p>"))
    #expect(html.contains("<td>residual</td><td>64</td>"))
  }

  /// Three panels of each of two conditions: no row has panels of both.
  @Test func eachConditionBeginsARowOfThePage() throws {
    var configuration = GridConfiguration()
    configuration.factors = [Factor("width", [8, 16])]
    configuration.measures = ["start-loss"]
    let cells = try configuration.factors?[0].levels.flatMap { level in
      try [2, 4].map { depth in
        GridResults.CellResult(
          cell: GridCell(arm: .plain, depth: depth, condition: Condition([("width", level)])),
          search: LearningRateSearch(grid: [1e-3]),
          outcomes: try around(1).map { try outcome(loss: $0, error: 0.1) })
      }
    }
    let report = GridReport(
      GridResults(cells: cells ?? []), configuration: configuration, dataStatement: "data")
    let html = try #require(report.page(figure: "", command: "")).text
    let wide = html.split(separator: "<figure class=\"wide\">").dropFirst().prefix(2)
      .map { $0.split(separator: "</figure>")[0] }
    #expect(wide.count == 2)
    for (figure, width) in zip(wide, [8, 16]) {
      #expect(figure.contains("width=\(width)") && !figure.contains("width=\(24 - width)"))
    }
  }

  @Test(
    arguments: [
      [1, 2, 3, 4, 5], [1, 2, nil, nil], [nil, nil, nil], [0, 0, 0], [1, nil],
    ] as [[Double?]])
  func figureTakesAnyOutcome(losses: [Double?]) throws {
    let figure = report(
      try results([(.plain, 4, around(1)), (.plain, 64, losses), (.zero, 64, losses)])
    ).figure(command: "research depth")
    let svg = figure.svg()
    #expect(svg.hasPrefix("<svg") && svg.contains("</svg>"))
    for word in ["inf", "nan", "NaN"] {
      #expect(!svg.contains("\"\(word)\"") && !svg.contains(" \(word),"), "\(word)")
    }
    #expect(svg.contains("plain") && svg.contains("zero"))
    #expect(figure.svg() == svg)
    let isDiverged = 2 * losses.count { $0 == nil } >= losses.count
    #expect(svg.contains("diverged") == isDiverged)
  }
}
