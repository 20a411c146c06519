// The Meta service, as every Thrift server has it: health checks, and the IDL of the server.

enum HealthState {
    REFUSING = 0,
    ACCEPTING = 1,
    STOPPING = 2,
    STOPPED = 3
}

enum HealthRequestType {
    PROCESS = 0,
    TRAFFIC = 1
}

struct HealthRequest {
    1: optional HealthRequestType type
}

struct HealthStatus {
    1: required bool ok
    2: optional string message
    3: optional HealthState state
}

struct ThriftIDLs {
    1: required map<string, string> idls
    2: required string entryPoint
}

service Meta {
    HealthStatus health(1: optional HealthRequest hr)
    ThriftIDLs thriftIDL()
}
