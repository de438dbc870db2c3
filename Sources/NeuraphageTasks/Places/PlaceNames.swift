// The names that np chooses for worktrees, one file for all of a data directory. A name is chosen once, under a lock, and
// kept until git forgets the worktree: whatever its directory is called later, its task is the same.
//
// A name that another worktree has is qualified. Names that people, branches and programs give are never changed.

package import NeuraphageEvents
package import NeuraphageGit
import NeuraphagePresentation
package import NeuraphageSystem

/// The names of the worktrees of a data directory, as they were when this was made.
package struct PlaceNames: Sendable {
    private static let mostBytes = 16 << 20

    private let directory: DataDirectory
    package private(set) var named: [Named] = []
    /// Where in `named` a worktree is.
    private var positions: [Place: Int] = [:]
    /// Whether the file cannot be used, because a newer version wrote it, or it cannot be read.
    private var isRefused = false
    private var files: any FileSystem { directory.files }

    /// Reads the names. A file that cannot be read holds none.
    package init(in directory: DataDirectory) {
        self.directory = directory
        read()
    }

    /// Every name by which a worktree is known.
    package var all: Set<TaskID> { Set(named.flatMap { [$0.name, $0.given].compactMap(\.self) }) }

    /// The name of a worktree.
    ///
    /// - Parameters:
    ///   - repository: Its repository, if that is known.
    ///   - given: The task that its branch names.
    ///   - isRecorded: Whether a name that has to be chosen is written down. If not, it may be another one later.
    ///   - isIdentified: Whether a repository that has no id yet gets one.
    /// - Returns: `nil` if the worktree's repository isn't there, or no name can be chosen because others choose, too.
    package mutating func name(
        of worktree: GitWorktree,
        in repository: RepositoryID? = nil,
        given: TaskID?,
        recording isRecorded: Bool,
        identifying isIdentified: Bool = true
    ) -> TaskID? {
        let place = repository.map { Place(of: worktree, in: $0) } ?? Place(of: worktree, in: files)
        if let place, let known = positions[place].map({ named[$0] }),
            !isRecorded || known.given == given && known.directory == worktree.directory
        {
            return known.name
        }
        guard !isRefused, let common = worktree.commonDirectory else { return nil }
        guard isRecorded else { return choice(for: worktree, nil, common).name }
        return record(worktree, given, common, identifying: isIdentified)
    }

    /// The tasks of worktrees that were made, or whose branches name another task, since their repositories were looked at.
    /// Costs no process.
    ///
    /// - Parameter isRecorded: Whether their names are written down. If not, they may be others later.
    package mutating func tasksOfNewWorktrees(recording isRecorded: Bool) -> Set<TaskID> {
        var tasks: Set<TaskID> = []
        for common in Set(named.map(\.commonDirectory)).sorted() {
            guard let repository = RepositoryID(of: common, making: false, in: files) else { continue }
            for worktree in (try? GitWorktree.linked(to: common, in: files)) ?? []
            where files.exists(worktree.directory + "/.git") {
                let given = TaskID(ofBranch: worktree.branch)
                let known = positions[Place(of: worktree, in: repository)].map { named[$0] }
                if let known, known.given == given { continue }
                let name = name(
                    of: worktree,
                    in: repository,
                    given: given,
                    recording: isRecorded,
                    identifying: false
                )
                tasks.formUnion([name, given].compactMap(\.self))
            }
        }
        return tasks
    }

    /// The worktree that a directory lies in. A repository that has no id yet gets one.
    package static func place(containing path: String, in directory: DataDirectory) -> Place? {
        guard let path = try? directory.files.resolve(path),
            let worktree = GitWorktree(containing: path, in: directory.files)
        else { return nil }
        let common = worktree.commonDirectory ?? ""
        if directory.files.exists(RepositoryID.path(in: common)), let place = Place(of: worktree, in: directory.files) {
            return place
        }
        var names = PlaceNames(in: directory)
        _ = names.name(of: worktree, given: TaskID(ofBranch: worktree.branch), recording: true)
        return Place(of: worktree, in: directory.files)
    }

    /// Whether git is seen to have forgotten a worktree that has a name.
    package func hasForgotten(_ place: Place) -> Bool {
        guard let known = named.first(where: { $0.place == place }) else { return false }
        return sight(of: known).showsForgotten(place)
    }

    /// Forgets the names of worktrees that git is seen to have forgotten.
    ///
    /// - Parameters:
    ///   - commonDirectory: What all worktrees of the repository share, in which or in whose place they were.
    ///   - isNeeded: Whether a task of this name may still be told something, or asked for. Not called without need.
    package mutating func forget(at commonDirectory: String, unless isNeeded: (TaskID) -> Bool) {
        let repository = RepositoryID(of: commonDirectory, making: false, in: files)
        let forgotten = named.filter { known in
            known.place.repository == repository || known.commonDirectory == commonDirectory
        }.filter { known in
            sight(of: known, in: repository, commonDirectory).showsForgotten(known.place)
                && ![known.name, known.given].compactMap(\.self).contains(where: isNeeded)
        }
        guard !forgotten.isEmpty, let lock = try? lock() else { return }
        read()
        named.removeAll { known in forgotten.contains { $0.place == known.place } }
        findPositions()
        try? store()
        _ = consume lock
    }

    /// Where the repository of a place is, of all the common directories in which it was seen; `nil` if it is in none.
    ///
    /// - Parameter others: Others in which it was seen.
    package func home(of repository: RepositoryID, besides others: [String] = []) -> String? {
        let known = named.filter { $0.place.repository == repository }.map(\.commonDirectory)
        return (known + others).first { isRepository(repository, at: $0) }
    }

    /// Gives a repository an id if it has none yet.
    ///
    /// - Parameter commonDirectory: What all its worktrees share, without symbolic links in its path.
    package static func identify(_ commonDirectory: String, in directory: DataDirectory) {
        guard !directory.files.exists(RepositoryID.path(in: commonDirectory)) else { return }
        var names = PlaceNames(in: directory)
        guard let lock = try? names.lock() else { return }
        names.read()
        let former = names.formerID(of: commonDirectory)
        _ = RepositoryID(of: commonDirectory, knownAs: former, making: true, in: directory.files)
        _ = consume lock
    }

    /// Says what there is to say of names, once.
    package mutating func takeRemarks() -> [String] {
        guard named.contains(where: { $0.remark != nil }), let lock = try? lock() else { return [] }
        read()
        let remarks = named.compactMap(\.remark)
        for index in named.indices { named[index].remark = nil }
        guard (try? store()) != nil else { return [] }
        _ = consume lock
        return remarks
    }

    // MARK: - Choosing

    private mutating func record(
        _ worktree: GitWorktree,
        _ given: TaskID?,
        _ common: String,
        identifying isIdentified: Bool
    ) -> TaskID? {
        let lock: LockFile?
        do {
            lock = try self.lock()
            if lock == nil { return nil }  // others choose, and take long
        } catch {
            // Where nothing can be written down, nobody else can have written the same name down.
            return choice(for: worktree, nil, common).name
        }
        read()
        let place = Place(of: worktree, knownAs: formerID(of: common), making: isIdentified, in: files)
        // A repository that could not be written to before may have an id by now.
        let former = Place(of: worktree, in: RepositoryID(ofUnwritable: common, in: files))
        let index = named.firstIndex { $0.place == place } ?? named.firstIndex { $0.place == former }
        let name: TaskID
        if let index {
            name = named[index].name
            named[index].given = given
            (named[index].commonDirectory, named[index].directory) = (common, worktree.directory)
            named[index].inode = inode(of: common)
            if let place { named[index].place = place }
        } else {
            let choice = choice(for: worktree, place, common)
            name = choice.name
            if let place {
                named.removeAll { $0.name == name }
                named.append(
                    Named(
                        place: place,
                        name: name,
                        given: given,
                        commonDirectory: common,
                        directory: worktree.directory,
                        inode: inode(of: common),
                        remark: choice.remark
                    )
                )
            }
        }
        findPositions()
        try? store()
        _ = consume lock
        return name
    }

    /// A free name, the plainest first.
    private func choice(
        for worktree: GitWorktree,
        _ place: Place?,
        _ common: String
    ) -> (name: TaskID, remark: String?) {
        let repository = Self.repositoryName(common)
        let choice = NameChoice(
            title: worktree.isLinked ? Self.lastComponent(worktree.directory) : repository,
            repository: worktree.isLinked ? repository : nil,
            place: place,
            open: Ledger(in: directory).places
        )
        let name = choice.name { name in
            named.contains { other in
                guard other.place != place, other.name == name || other.given == name else { return false }
                return sight(of: other, in: place?.repository, common).showsHeld(other.place)
            }
        }
        return (name, choice.remark(on: name, of: worktree.directory))
    }

    /// What is seen of a worktree that has a name.
    ///
    /// - Parameters:
    ///   - repository: A repository that is seen just now.
    ///   - common: Its common directory.
    private func sight(of other: Named, in repository: RepositoryID? = nil, _ common: String = "") -> EntrySight {
        let home = other.place.repository == repository ? common : home(of: other.place.repository)
        guard let home else {
            return files.isRegularFile(other.commonDirectory + "/HEAD") ? .replaced : .away
        }
        guard !other.place.entry.isEmpty else { return .main }
        let entry = "\(home)/worktrees/\(other.place.entry)"
        let worktree = GitWorktree(name: other.place.entry, directory: other.directory, gitDirectory: entry, in: files)
        if let made = worktree.made { return .entry(made: made) }
        return files.exists(entry) ? .entry(made: nil) : .noEntry
    }

    private func isRepository(_ repository: RepositoryID, at common: String) -> Bool {
        [
            RepositoryID(of: common, making: false, in: files), formerID(of: common),
            // One that could not be written to before may have another id by now.
            RepositoryID(ofUnwritable: common, in: files),
        ].contains(repository)
    }

    /// The id that a repository had before its file was removed, as `np uninit` does.
    private func formerID(of common: String) -> RepositoryID? {
        guard !files.exists(RepositoryID.path(in: common)) else { return nil }
        let inode = inode(of: common)
        return named.last { $0.commonDirectory == common && $0.inode == inode }?.place.repository
    }

    private func inode(of common: String) -> String { files.identity(at: common).map { String($0.inode) } ?? "" }

    private static func repositoryName(_ common: String) -> String {
        let name = lastComponent(common)
        if name == ".git" { return lastComponent(common.parentDirectory) }
        return name.hasSuffix(".git") && name.utf8.count > 4 ? String(name.dropLast(4)) : name
    }

    private static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    // MARK: - The file

    private func lock() throws(OperationError) -> LockFile? {
        try LockFile.take(directory.placesLock, until: directory.patienceEnd, in: files)
    }

    private mutating func findPositions() {
        positions = Dictionary(named.indices.map { (named[$0].place, $0) }) { first, _ in first }
    }

    private mutating func read() {
        named = []
        defer { findPositions() }
        do {
            let text = try files.contents(of: directory.places, atMost: Self.mostBytes)
            try FileFormat.places.check(text, of: directory.places)
            isRefused = false
            parse(text)
        } catch {
            // What cannot be read must not be replaced by nothing.
            isRefused = (error as? SystemError)?.isNoSuchFile != true
        }
    }

    private mutating func parse(_ text: String) {
        named = text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { Named(String(Substring($0))) }
    }

    private func store() throws(SystemError) {
        guard !isRefused else { return }
        let head: Payload = ["format": .integer(FileFormat.places.version)]
        let text = ([head.json] + named.map(\.json)).map { $0 + "\n" }.joined()
        try WholeFile.replace(directory.places, with: text, in: files)
    }
}
