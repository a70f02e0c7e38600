#pragma once
// What a schedule comes to, per stage and per Func: the loops of each stage with the splits that made
// them, and where each Func lives. It is derived from the recorded directives alone and is all that
// lowering reads.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "heddle/schedule.h"
#include "language/function.h"

namespace heddle::Internal {

/** How free a loop is: iterations over a Var of the left side; over an RVar that is provably race-free
    or not. */
enum class DimKind { PureVar, PureRVar, ImpureRVar };

/** One loop of a stage. */
struct Dim {
    std::string var;  ///< name of the Var or RVar; unique within the stage
    ForType for_type = ForType::Serial;
    DimKind kind = DimKind::PureVar;
    Partition partition = Partition::Auto;
};

/** One step that made loops out of others, in the order in which they were said. */
struct Split {
    enum class Kind {
        Split,   ///< old_var = outer * factor + inner + min(old_var)
        Fuse,    ///< inner and outer become old_var = outer * extent(inner) + inner
        Rename,  ///< old_var is called outer
        Single,  ///< outer is a loop of one iteration, made from no other
    };
    Kind kind = Kind::Split;
    std::string old_var, outer, inner;
    Expr factor;                             ///< int32; of Kind::Split
    TailStrategy tail = TailStrategy::Auto;  ///< resolved: never Auto nor Predicate once applied
    bool exact = false;                      ///< old_var is (made from) an RVar: no rounding up
    bool mixed = false;                      ///< a fuse of a loop over Vars with one over RVars
};

/** compute_with, as it was said: the level may name a loop only later. */
struct ComputeWith {
    LoopLevel level;
    std::vector<std::pair<std::string, LoopAlignStrategy>> align;  ///< by loop; "": all loops
    SourceLocation location;
};

/** What to fetch ahead, and where. */
struct Prefetch {
    std::string func;  ///< unique name of a Func, or name of an image
    std::string at, from;
    Expr offset;  ///< int32
    PrefetchBoundStrategy strategy = PrefetchBoundStrategy::GuardWithIf;
    SourceLocation location;
};

/** That loops of a stage run on a device, as the first directive about it says. */
struct DeviceUse {
    DeviceAPI api = DeviceAPI::Default_GPU;
    std::string directive;  ///< as C++
    SourceLocation location;
};

struct StageNest {
    std::vector<Split> splits;
    std::vector<Dim> dims;  ///< innermost loop first
    bool allow_race_conditions = false;
    std::vector<Prefetch> prefetches;
    std::vector<std::string> streamed_loads;  ///< of these Funcs and images
    bool stream_stores = false;
    bool atomic = false;
    bool trusted = false;  ///< atomic, though any order of the iterations is not known to serve
    std::vector<Split> past_splits;  ///< of loops that rfactor has made into RVars
    std::optional<ComputeWith> with;
    std::optional<DeviceUse> device;
};

struct StorageDim {
    std::string var;
    Expr alignment;    ///< extent is rounded up to a multiple of this
    Expr bound;        ///< room for this many is reserved, and a need beyond it is an error
    Expr fold_factor;  ///< undefined: decided by the compiler
    bool fold_forward = true;
};

/** split_storage: `old` is stored as old / factor and old % factor. */
struct StorageSplit {
    std::string old, outer, inner;
    Expr factor;
};

/** bound, bound_extent, align_bounds, align_extent. Undefined: not said. */
struct BoundConstraint {
    std::string var;
    Expr min, extent, modulus, remainder;
};

/** Where a Func is computed and stored. */
struct Placement {
    enum class Where { Inlined, Root, At };
    struct Level {
        Where where = Where::Inlined;
        Symbol func;      ///< At: the consumer
        int stage = -1;   ///< At: its stage; -1: the last stage that has such a loop
        std::string var;  ///< At: the loop
        SourceLocation location;
    };
    Level compute, store, hoist;  ///< hoist is Inlined when nothing was said: the storage is where store is
    Expr ring_buffer;             ///< copies of the storage; undefined: one
    bool async = false;
    SourceLocation async_location;
    MemoryType memory = MemoryType::Auto;
    std::vector<StorageDim> storage;  ///< innermost in memory first; one per dimension, two where one was split
    std::vector<StorageSplit> storage_splits;  ///< in the order in which they were said
    std::vector<BoundConstraint> bounds;
    bool memoized = false;
    Expr eviction_key;  ///< an integer; undefined: none
};

/** What a level means when f is lowered. Throws CompileError, as a refusal of the directive given, when it was
    never set or its Func is gone. */
Placement::Level resolve_level(const LoopLevel &level, const Function &f, int stage, const Directive &d);

/** A stage, or a branch of it that specialize made: `branch` has the place of each specialize among those of the
    stage, then of that branch, and so on. */
struct StagePath {
    StagePath(int stage, std::vector<int> branch = {})
        : stage(stage),
          branch(std::move(branch)) {
    }
    int stage;
    std::vector<int> branch;
};

/** What a stage does where a condition holds. */
struct StageBranch {
    Expr condition;  ///< undefined: always
    StageNest nest;
    std::optional<std::string> failure;  ///< of specialize_fail: a run that comes here fails with this
};

/** The loops of a stage (0 is the pure one) or branch after its directives. */
StageNest nest_of(const Function &f, const StagePath &at);
/** All branches of a stage, in the order in which their conditions are tried. The last one has no condition. */
std::vector<StageBranch> branches_of(const Function &f, int stage);
/** Where f lives after its directives. */
Placement placement_of(const Function &f);

}  // namespace heddle::Internal
