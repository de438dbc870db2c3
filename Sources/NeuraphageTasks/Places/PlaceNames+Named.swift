// A line of the file of names.

package import NeuraphageEvents

extension PlaceNames {
    /// A worktree that has a name.
    package struct Named: Hashable, Sendable {
        package var place: Place
        package let name: TaskID
        /// The task that its branch named when it was last looked at.
        package var given: TaskID?
        /// Where its repository and its directory were when they were seen last.
        package var commonDirectory: String
        package var directory: String
        /// The number of the common directory, by which the repository is known again if its id was removed.
        var inode: String
        /// What there is to say of the name, until that was said.
        package var remark: String?
    }
}

extension PlaceNames.Named {
    init?(_ line: String) {
        guard let note = (try? Payload(json: line))?.membersByKey, let place = Place(note),
            let name = note["name"]?.text
        else { return nil }
        self.place = place
        self.name = TaskID(asWritten: name)
        given = note["given"]?.string.map(TaskID.init(asWritten:))
        commonDirectory = note["common"]?.string ?? ""
        directory = note["directory"]?.string ?? ""
        inode = note["inode"]?.string ?? ""
        remark = note["remark"]?.string
    }

    var json: String {
        Payload(
            .object(
                place.members + [
                    ("name", .string(name.description)), ("given", .string(orNull: given?.description)),
                    ("common", .string(commonDirectory)), ("directory", .string(directory)),
                    ("inode", .string(inode)), ("remark", .string(orNull: remark)),
                ]
            )
        ).json
    }
}
