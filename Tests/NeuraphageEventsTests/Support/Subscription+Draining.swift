import TestSupport

@testable import NeuraphageEvents

extension Subscription {
    /// Everything there is now, without waiting.
    func drain() -> [Delivery] {
        var deliveries: [Delivery] = []
        while case .delivery(let delivery) = tryNext() { deliveries.append(delivery) }
        return deliveries
    }

    /// The next events, waiting for them, until there are `count` or the bus is closed.
    func collect(_ count: Int = .max) async throws -> [Delivery] {
        var deliveries: [Delivery] = []
        try await within("deliveries until \(count == .max ? "the bus is closed" : "there are \(count)")") {
            while deliveries.count < count, let delivery = await next() { deliveries.append(delivery) }
        }
        return deliveries
    }

    /// The next delivery, for which a task of its own waits.
    func nextInTask() -> Task<Delivery?, any Error> {
        Task { try await within("the next delivery") { await next() } }
    }
}

extension EventBus {
    /// Returns once as many readers sleep.
    func untilWaiting(_ count: Int) throws {
        try TestSupport.wait(for: "\(count) readers to sleep") { sleeperCount == count }
    }
}
