// Which branch is "main", and where it is. With a remote there are two of it: the one here, and the one that it follows
// there (its upstream, else the branch of the same name at `origin` or the only remote), as it was last fetched.
// Whichever of them moves ahead is main: a merge here that is pushed later has moved main when it was made, and a merge
// there when it is fetched.
//
// What np fetches goes into references of its own, `refs/neuraphage/remotes/…`: a user's fetch or pull fails if the
// reference that it is about to move has moved meanwhile.

/// The main branch as git has it at one moment.
package struct MainBranch: Hashable, Sendable {
    /// Its name without `refs/heads/`.
    package let name: String
    /// The commit of `refs/heads/NAME`, if that is there.
    package let local: String?
    /// The commit of the remote's branch as the user's git last saw it, if it has.
    package let tracked: String?
    /// The commit of the remote's branch as np last fetched it, if it has.
    package let fetched: String?

    /// The reference into which np fetches what the user's git fetches into another one, `refs/remotes/…`.
    package static func ownReference(for tracking: String) -> String {
        "refs/neuraphage/" + tracking.dropFirst("refs/".count)
    }

    /// The references that tell where the branches of these names are, here and there.
    package static func patterns(_ names: [String]) -> [String] {
        names.flatMap { ["refs/heads/\($0)", "refs/remotes/*/\($0)", "refs/neuraphage/remotes/*/\($0)"] }
    }

    /// The name of the branch that the remote calls its main one, if it was ever asked.
    package static func remoteDefault(in references: GitReferences) -> String? {
        guard let remote = remote(in: references), let target = references.target(of: "refs/remotes/\(remote)/HEAD")
        else { return nil }
        let prefix = "refs/remotes/\(remote)/"
        return target.hasPrefix(prefix) ? String(target.dropFirst(prefix.count)) : nil
    }

    /// What these branches follow and is not among the references.
    package static func missingUpstreams(of names: [String], in references: GitReferences) -> [String] {
        names.compactMap { references.upstream(of: "refs/heads/\($0)") }.filter { references[$0] == nil }
            .flatMap { [$0, ownReference(for: $0)] }
    }

    /// The first of these names that is a branch here or there.
    package init?(_ names: [String], in references: GitReferences) {
        for name in names {
            let local = references["refs/heads/\(name)"]
            let upstream = references.upstream(of: "refs/heads/\(name)")
            let there = upstream ?? Self.remote(in: references).map { "refs/remotes/\($0)/\(name)" }
            let tracked = there.flatMap { references[$0] }
            let fetched = there.flatMap { references[Self.ownReference(for: $0)] }
            guard local != nil || tracked != nil || fetched != nil else { continue }
            self.init(name: name, local: local, tracked: tracked, fetched: fetched)
            return
        }
        return nil
    }

    /// `origin`, or the only one there is.
    private static func remote(in references: GitReferences) -> String? {
        let remotes = Set(
            references.names.compactMap { reference -> Substring? in
                guard !reference.hasPrefix("refs/heads/") else { return nil }
                let parts = reference.split(separator: "/")
                guard parts.count > 3 else { return nil }
                return parts[1] == "remotes" ? parts[2] : parts[1] == "neuraphage" ? parts[3] : nil
            }
        )
        return remotes.contains("origin") ? "origin" : remotes.count == 1 ? remotes.first.map(String.init) : nil
    }

    private init(name: String, local: String?, tracked: String?, fetched: String?) {
        self.name = name
        self.local = local
        self.tracked = tracked
        self.fetched = fetched
    }
}
