@testable import NeuraphageEvents

extension Subscription {
    /// Everything there is now, without waiting.
    func drain() -> [Delivery] {
        var deliveries: [Delivery] = []
        while case .delivery(let delivery) = tryNext() { deliveries.append(delivery) }
        return deliveries
    }

    /// The next events, waiting for them, until there are `count` or the bus is closed.
    func collect(_ count: Int = .max) async -> [Delivery] {
        var deliveries: [Delivery] = []
        while deliveries.count < count, let delivery = await next() { deliveries.append(delivery) }
        return deliveries
    }
}

extension Delivery {
    /// The event, if it is one.
    var event: Event? {
        if case .event(let event) = self { event } else { nil }
    }
}

extension EventBus {
    /// Returns once as many readers sleep. Ends the test's time limit if they never do.
    func untilWaiting(_ count: Int) async {
        while waiterCount != count { await Task.yield() }
    }
}
