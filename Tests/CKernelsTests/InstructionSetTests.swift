import CKernels
import Testing

extension KernelSuite {
  @Suite struct InstructionSets {
    @Test func namesAreThoseOfTheEnvironmentVariable() {
      #expect(
        Set(KernelSuite.allInstructionSets.map { String(cString: plumb_isa_name($0)) })
          == ["portable", "avx2", "avx512", "neon"])
    }

    @Test func portableIsAlwaysAvailable() {
      #expect(plumb_isa_available(PLUMB_ISA_PORTABLE))
      #expect(plumb_isa_available(plumb_isa_active()))
    }

    @Test func theProcessorsOwnSetsAreOffered() {
      #if arch(arm64)
        #expect(KernelSuite.instructionSets == [PLUMB_ISA_PORTABLE, PLUMB_ISA_NEON])
      #elseif arch(x86_64)
        #expect(!plumb_isa_available(PLUMB_ISA_NEON))
        if plumb_isa_available(PLUMB_ISA_AVX512) { #expect(plumb_isa_available(PLUMB_ISA_AVX2)) }
      #endif
    }

    @Test func activatingChangesOnlyToWhatIsAvailable() {
      let before = plumb_isa_active()
      defer { plumb_isa_activate(before) }
      for set in KernelSuite.allInstructionSets {
        let active = plumb_isa_active()
        let changed = plumb_isa_activate(set)
        #expect(changed == plumb_isa_available(set))
        #expect(plumb_isa_active() == (changed ? set : active))
      }
    }

    @Test func thePeakCountsEveryRound() {
      KernelSuite.onEveryInstructionSet { set in
        let round = plumb_peak_f32(1)
        #expect(round >= 16 && plumb_peak_f32(1000) == 1000 * round, "\(set)")
      }
    }
  }
}
