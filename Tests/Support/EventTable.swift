// What np publishes is as the table of all events says: checked wherever tests look at events of real producers.

// The toolchain has no static Testing, so that a release build with --static-swift-stdlib goes without this file.

#if canImport(Testing)

package import NeuraphageEvents
package import Testing

/// Fails for each event that is not as the table says.
package func expectAsInTable(_ events: some Sequence<Event>, sourceLocation: SourceLocation = #_sourceLocation) {
    for event in events {
        let objections = EventDescription.objections(to: event)
        #expect(objections.isEmpty, "\(event)", sourceLocation: sourceLocation)
    }
}

#endif
