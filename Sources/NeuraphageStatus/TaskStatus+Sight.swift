// A task's state from what the log says and what is seen. Pure: nothing is read here.

package import NeuraphageEvents
package import NeuraphageProjections

extension TaskStatus {
    /// How a task is.
    ///
    /// - Parameters:
    ///   - logged: What the log says of it.
    ///   - seen: What is seen of it now; `nil` if nothing was looked at, as for a moment in the past. Then only the log tells.
    ///   - gap: When the log's latest gap was, since the task began, as far as is known; `nil` if there is none.
    ///   - now: The time, or the moment in the past up to which the log was read.
    package init(of logged: LoggedTask, seen: TaskSight?, gap: Timestamp? = nil, at now: Timestamp) {
        let rules = TaskRules(logged, seen: seen, gap: gap, at: now)
        let verdict = rules.verdict
        let places = seen?.places ?? Self.places(logged)
        self.init(
            task: logged.task,
            phase: verdict.phase,
            since: verdict.since,
            evidence: verdict.evidence,
            detail: verdict.detail,
            until: verdict.until,
            places: places,
            remarks: TaskRemarks(logged, places: places, at: now).all,
            agents: rules.agents,
            runs: rules.runs,
            locks: rules.locks,
            logged: logged
        )
    }

    /// Where it works, as the log says.
    private static func places(_ logged: LoggedTask) -> [Place] {
        logged.checkout.map { [Place(repository: $0.repo, worktree: $0.worktree, branch: $0.branch)] } ?? []
    }
}
