// Where agents are recorded, as the settings say, and how np says it.

import NeuraphageAgents
import NeuraphageConfiguration
import NeuraphagePresentation

extension Configuration {
    /// Where agents are recorded.
    var recordingScope: RecordingScope {
        recordsEverywhere ? .everywhere : .initialized(besides: watchedRepositories)
    }

    /// Where agents are recorded, in a sentence.
    var recordingWords: String {
        recordsEverywhere
            ? "Agents are recorded in every directory (agents.record = \"all\")."
            : "Agents are recorded only in repositories that np init has set up (agents.record = \"initialized\")."
    }
}
