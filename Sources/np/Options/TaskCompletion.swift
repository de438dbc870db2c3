import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem

/// What the shell offers behind `--task`.
enum TaskCompletion {
    /// The tasks in the latest events of the default log.
    static func tasksInLog() -> [String] {
        let inputs = Configuration.Inputs.ofThisProcess(file: nil, dataDirectory: nil)
        guard let configuration = try? Configuration(inputs, in: RealFileSystem()) else { return [] }
        var scan = EventScan([.log(configuration.log.path)])
        scan.last = 2_000
        var tasks: Set<String> = []
        _ = try? scan.run { event, _ in
            for task in [event.source, event.target].compactMap({ $0?.description }) where task == task.visible {
                tasks.insert(task)
            }
            return true
        }
        return tasks.sorted()
    }
}
