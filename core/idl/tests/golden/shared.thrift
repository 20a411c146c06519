enum Role {
    USER = 1
    /** May do anything. */
    ADMIN = 5
    ROOT = 5
}

typedef set<Role> Roles

struct Health {
    1: required bool ok
    2: Roles roles
}

service BaseService {
    Health health()
}
