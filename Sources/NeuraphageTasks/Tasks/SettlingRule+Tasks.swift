// How runs and tasks are settled.

import NeuraphageEvents

extension SettlingRule {
    /// The end of its task is not the end of a run that is a part of it.
    static var run: SettlingRule {
        SettlingRule(
            isEnd: { event, note in note.begin.kind == .taskStarted && event.ends(note) },
            inferredEnd: TaskRun.endByDeath
        )
    }

    /// A task goes on until somebody has ended it.
    static var task: SettlingRule {
        SettlingRule(publishesBegin: true, isEnd: { event, note in event.ends(note) }, inferredEnd: { _ in nil })
    }
}

extension Event {
    /// Whether it says that the task of a note has ended. An end that names the beginning of another life doesn't.
    fileprivate func ends(_ note: OpenNote) -> Bool {
        guard kind.endsTask, source == note.begin.source else { return false }
        return payload.string("begin").map { $0 == note.begin.id.description } ?? true
    }
}
