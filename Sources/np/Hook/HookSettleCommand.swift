// np hook settle: a process that should have told the end of something has died, so another one tells it; and which messages
// reached no task. np run, np lock, and np emit start this in the background, because it takes a pass over the log, and a
// command must not wait for that.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphageTasks

struct HookSettleCommand: ParsableCommand {
    static let name = "settle"
    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Tells the ends of runs and locks whose np was killed, and which messages reached no task.",
        discussion: "Started in the background by np run and np lock where no daemon runs, and by np emit."
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        BackgroundCommand.yieldProcessor()
        let configuration = try global.configuration()
        guard configuration.log.isEnabled else { return }
        let bus = EventBus(log: try configuration.openLog(global.logger))
        defer { bus.close() }
        Ledger(in: configuration.dataDirectory).settleOrphans(publishingTo: bus)
    }
}
