// How the record of a holder that died is settled.

import NeuraphageEvents

extension SettlingRule {
    /// A lock is given back when its holder dies.
    static var holder: SettlingRule {
        SettlingRule(
            inferredEnd: { holder in
                let acquired = holder.begin
                return .lockReleased(
                    acquired.payload["resource"]?.text ?? "",
                    by: acquired.source,
                    sharing: acquired.payload["exclusive"]?.text == "false",
                    begin: acquired.id
                )
            }
        )
    }
}
