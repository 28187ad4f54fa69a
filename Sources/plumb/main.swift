import Console
import Experiments

// Commands for the user's own networks and gradients.

Program.main(
  "plumb", summary: "tools for your own networks and gradients",
  tools: [
    Tool(TrainCommand.command, run: TrainCommand.run),
    Tool(PredictCommand.command, run: PredictCommand.run),
    Tool(DiagnoseCommand.command, run: DiagnoseCommand.run),
    Tool(AuditCommand.command, run: AuditCommand.run),
    Tool(CheckCommand.command, run: CheckCommand.run),
    Tool(DataInspectCommand.command, run: DataInspectCommand.run),
    Tool(DataSplitCommand.command, run: DataSplitCommand.run),
    Tool(DataFetchCommand.command, run: DataFetchCommand.run),
    Tool(PythonCommand.command, run: PythonCommand.run),
    Tool(DrawCommand.command, run: DrawCommand.run),
    Tool(BenchCommand.command, run: BenchCommand.run),
    NotebookCommand.run, NotebookCommand.check, NotebookCommand.promote,
  ],
  topics: [.files, .networks, .activations, .losses, .optimizers, .layouts, .causes],
  version: Provenance.version, check: InstructionSetRequest.check)
