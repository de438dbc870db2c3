// np hook late: what a hook could not have logged in the time that an agent waits, because another process kept the log and
// its reserve locked.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageSystem

struct HookLateCommand: ParsableCommand {
    static let name = "late"
    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Appends the events on standard input to the log, as soon as that is possible.",
        shouldDisplay: false
    )

    /// How often to try, with a pause of a second.
    private static let mostAttempts = 600

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let input = HookStandardInput()
        let text = input.withBytes { bytes in bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) } }
        var events = text.split(separator: "\n").compactMap { try? Event(line: String($0)) }
        let configuration = try global.configuration()
        // A directory that was removed meanwhile is not made again.
        for _ in 0..<Self.mostAttempts
        where configuration.dataDirectory.files.isDirectory(configuration.dataDirectory.path) {
            if let log = try? configuration.openLog(global.logger) {
                defer { log.close() }
                events = log.appendOrLeaveMost(events).events
                if events.isEmpty { return }
            }
            sleep(1)
        }
    }
}
