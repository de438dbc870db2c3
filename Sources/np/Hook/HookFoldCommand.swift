// np hook fold: more has been logged than a hook has time to read, so another process reads it, and leaves a checkpoint from
// which the next hook goes on.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphageProjections

struct HookFoldCommand: ParsableCommand {
    static let name = "fold"
    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Brings the checkpoint of what tasks have not read up to date, unless another process does.",
        discussion: "Started in the background by the hooks of agents."
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        BackgroundCommand.yieldProcessor()
        let configuration = try global.configuration()
        try ProjectionStore(ofLogAt: configuration.log.path, in: configuration.dataDirectory).update(Inboxes.self)
    }
}
