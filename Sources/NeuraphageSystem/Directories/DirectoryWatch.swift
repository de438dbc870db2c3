// Learning that something has changed in some directories. What is told is only that something changed: several changes
// at once are told as one, and whoever is told looks.

package import NeuraphageEvents

/// Tells when files appear, change, are renamed or removed in directories, or the directories themselves go.
package final class DirectoryWatch: Sendable {
    /// Tells that something has changed since it was told last. One consumer.
    package let changes: AsyncStream<Void>
    private let change: AsyncStream<Void>.Continuation
    private let subscription: UInt64

    /// A watch on nothing yet.
    ///
    /// - Parameter isRelevant: Whether a file of this name is worth telling of.
    package init(isRelevant: @escaping @Sendable (String) -> Bool) {
        let (changes, change) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        (self.changes, self.change) = (changes, change)
        subscription = DirectoryNotifier.shared.subscribe(isRelevant: isRelevant) { change.yield() }
    }

    /// Whether the kernel tells of changes, rather than their being looked for at intervals; `nil` before anybody watched.
    package static var isToldByKernel: Bool? { DirectoryNotifier.shared.isTold }

    /// Watches these directories from now on, and no others. What doesn't exist or cannot be read is passed over.
    ///
    /// - Parameters:
    ///   - directories: Those in which every change counts.
    ///   - places: Those of which only counts that they go.
    /// - Throws: If the system lets nobody watch so much; then some of them are not watched.
    package func watch(_ directories: Set<String>, presenceOf places: Set<String> = []) throws(SystemError) {
        var interests = Dictionary(uniqueKeysWithValues: places.map { ($0, DirectoryNotifier.Interest.presence) })
        for directory in directories { interests[directory] = .changes }
        try DirectoryNotifier.shared.watch(interests, for: subscription)
    }

    /// Ends ``changes``.
    package func close() {
        DirectoryNotifier.shared.unsubscribe(subscription)
        change.finish()
    }
}
