#pragma once
// Directive: one scheduling call as a value. What each means is in docs/schedule.md; their table is
// schedule/directives.def.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "heddle/error.h"
#include "heddle/expr.h"
#include "heddle/loop_types.h"
#include "heddle/schedule.h"

namespace heddle::Internal {

/** Which directive: its row of src/schedule/directives.def. */
enum class DirectiveKind : uint8_t;

/** A loop, or a dimension of storage, by name. New names say what they are to be. */
struct LoopName {
    enum class Kind : uint8_t { Any, Var, RVar };
    std::string name;
    Kind kind = Kind::Any;
    bool operator==(const LoopName &o) const {
        return name == o.name;
    }
};

/** One argument of a directive; monostate stands for an optional one that was left out. A string is the
    name of a Func, or a text (of specialize_fail, a trace tag), as the row says. */
using DirectiveArgument =
    std::variant<std::monostate, LoopName, Expr, bool, TailStrategy, MemoryType, Partition, LoopLevel,
                 std::string, PrefetchBoundStrategy, LoopAlignStrategy, std::vector<LoopName>,
                 std::vector<Expr>, std::vector<TailStrategy>, std::vector<std::string>,
                 std::vector<LoopAlignStrategy>, Race, DeviceAPI>;

/** The arguments are those of its row, in that order. */
struct Directive {
    DirectiveKind kind;
    std::vector<DirectiveArgument> args;
    SourceLocation location;
    std::vector<Directive> body = {};  ///< of specialize: the directives of the branch
};

}  // namespace heddle::Internal
