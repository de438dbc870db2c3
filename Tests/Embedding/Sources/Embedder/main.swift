import NeuraphageEvents

let bus = try EventBus(logging: EventLogConfig(dataDirectory: CommandLine.arguments[1]))
let subscription = bus.subscribe()
bus.publish(Event(.taskStarted, from: "t-1"))
bus.close()
while case .delivery(let delivery) = subscription.tryNext() { print("delivered:", delivery) }
for event in try bus.log?.readAll().events ?? [] { print("logged:", event) }
