// What receipts of turns say of checks, of failures, and of files. A receipt does not tell in which order things happened
// in its turn, but for one: how often something has failed since a file was changed last (`since_change`). Where a receipt
// lacks that and names changed files, nothing is said of failures without a change between.

import NeuraphageEvents

extension LoggedTask {
    /// Applies the receipt of a turn.
    mutating func apply(_ receipt: ReceiptWords, at mark: EventMark) {
        if receipt.hasChanges {
            for index in checks.indices { checks[index].isOutdated = true }
            change(receipt.files, of: receipt.filesCount, at: mark)
        }
        for check in receipt.checks { apply(check, hasChanges: receipt.hasChanges, at: mark) }
        guard receipt.hasChanges || receipt.toolCount > 0 || !receipt.failures.isEmpty else { return }
        // What has not failed again is no loop: it was left, or it works now.
        failures = receipt.failures.prefix(Self.mostNames).compactMap { failure in
            guard let tool = failure.tool, let input = failure.input else { return nil }
            let known = failures.first { $0.tool == tool && $0.input == input }?.count ?? 0
            let count: Int
            if receipt.hasChanges {
                count = failure.countSinceChange ?? 0
            } else {
                count = known.saturatingPlus(failure.count)
            }
            return count > 0 ? Failure(tool: tool, input: input, count: count, mark: mark) : nil
        }
    }

    private mutating func apply(_ words: ReceiptWords.Check, hasChanges: Bool, at mark: EventMark) {
        guard let name = words.name else { return }
        let index = checks.firstIndex { $0.name == name }
        var check = index.map { checks.remove(at: $0) } ?? Check(name: name, mark: mark, result: "unknown")
        check.result = words.last ?? "unknown"
        check.mark = mark
        check.isOutdated = false
        let hasFailed = check.result == Self.failed
        if check.result == "passed" {
            check.failedCount = 0
        } else if hasChanges {
            check.failedCount = words.failedSinceChange ?? 0
            check.isOutdated = words.failedSinceChange == 0
        } else if words.failed < words.count, hasFailed {
            // It has passed, or it isn't known how it ended, and perhaps between two failures.
            check.failedCount = 1
        } else {
            check.failedCount = check.failedCount.saturatingPlus(words.failed)
        }
        checks.append(check)
        if checks.count > Self.mostNames { checks.removeFirst() }
    }

    static let failed = "failed"

    /// Notes that tools have changed files.
    ///
    /// - Parameter count: How many there were, if more than are named.
    mutating func change(_ changed: some Sequence<String>, of count: Int, at mark: EventMark) {
        firstChange = firstChange ?? mark
        for file in changed where file.utf8.count <= Self.longestPath {
            let index = files.sortedIndex(of: file)
            guard index == files.count || files[index] != file else { continue }
            if files.count < Self.mostFiles {
                files.insert(file, at: index)
                filesCount = max(filesCount, files.count)
            } else {
                filesCount = max(filesCount, files.count + 1)
            }
        }
        filesCount = max(filesCount, count)
    }

    private static let longestPath = 1_000
}

extension [String] {
    /// Where an element is, or would have to be, of elements in their order.
    fileprivate func sortedIndex(of element: String) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
