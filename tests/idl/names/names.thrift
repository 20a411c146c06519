// Names and shapes that would break generated code that took them as they are.

include "./thrift.thrift"
include std "./type.thrift"

const double PI = 3.14159
const double pi = -0.000012345678
const i64 LEAST = -9223372036854775808
const i32 self = 123456789
const string Self = ""
const binary type = "bytes"
const map<double, list<Type>> CONST = { 0.5: [Type.type, Type.Type] }
const set<Point> points = [{ 'x': 1 }, { 'x': 1 }]
const Choice choice = { 'Self': { 'self': 1 } }
const Tree tree = { 'left': { 'value': 'l' }, 'right': {} }

typedef list<set<map<string, list<Point>>>> Result
typedef i32 usize
typedef Option Box

/** [Brackets], <angles>, *stars*, snake_case, CamelCase, std::path, back`ticks`, #hash, 100%.
 *
 * - a list
 *   - in a list
 *     indented far: {1 => 2}
 *
 * ```
 * code!
 * ```
 */
enum Type {
    type = 1
    Type = 2
    Unrecognized = 3
    unrecognized = 4
    ALIAS_OF_TYPE = 1
    X = 7
    x = 7
    _ = -1
    _1 = -2
}

enum Empty {
}

// http://example.com/path_to/it. (See https://example.com/CamelCase).
struct Option {
    1: optional bool None
    2: bool Some = 1
    3: bool bool
    4: required bool Ok
    5: required string from = "from"
    6: string field
    7: string to
    8: required string self
    9: string Self
    10: string crate
    11: string type
    12: string async
    13: string gen
    14: string value
    15: string _
    16: string __
    17: string foo
}

struct String { 1: string String 2: String string }
struct Vec { 1: list<Vec> vec 2: set<Vec> set 3: map<Vec, Vec> map }
struct Default { 1: Default default 2: Type kind = Type.type 3: Point point = { 'x': 2 } 4: Tree tree = {} }
struct Point { 1: double x 2: double y = 0.1 }
struct Tree { 1: Tree left 2: Tree right 3: string value = 'v' 4: binary bytes = 'b' 5: list<i64> numbers = [100000, 2] }
struct Ring { 1: Knot knot }
struct Knot { 1: required Ring ring }
struct Letters { 1: i8 a 2: i8 b 3: i8 c 4: i8 d 5: i8 e 6: i8 f 7: i8 g }
struct Flags { 1: required bool flag_a 2: required bool flag_b 3: required bool flag_c 4: required bool flag_d 5: i8 x }
struct foo_bar { -5: i8 fooBar i8 FooBar 7: i8 foo_bar }
struct FooBar {}
struct Strict { 1: required double x }
struct Stricter { 1: set<Strict> a = [] 2: map<Strict, i8> b = {} 3: optional Strict c }
struct thrift { 1: thrift.Writer writer 2: std.Reader reader }

union Choice { 1: Choice choice 2: Struct Self 3: list<Choice> choices 4: double number 5: Letters letters }
union Nothing {}
struct Struct { 1: i32 self }

exception Error { 1: string message 2: Error source }
exception Failure { 1: double ratio }

service thrift {
    void clone()
    void new(1: string from, 2: i32 self)
    void send(1: bool a, 2: bool b, 3: bool c, 4: bool d)
    void into_it()
    void fromIt()
    i32 add(1: i32 other)
    void drop()
    void default()
    void eq(1: i32 other)
    Option option(1: Option Option) throws (1: Error Err, 2: Failure failure, 3: Error Ok, 4: string text)
    Result client(1: i8 a, 2: i8 b, 3: i8 c, 4: i8 d, 5: i8 e, 6: i8 f, 7: i8 g)
    Choice handler(1: required Choice choice, 2: optional Choice other, 3: Choice third = { 'number': 1 })
    void METHODS() throws (1: Error error)
    void register()
    void c()
    void h(1: i8 r)
    void m()
    void r()
    void getIt()
    void get_it()
    oneway void gone(1: i32 x)
    void self()
}

service std extends thrift {
    void GetIt()
    void std()
}

service Leaf extends std.Far {
    void leaf()
}
