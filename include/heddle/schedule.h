#pragma once
// The words that schedules are made of: VarOrRVar (a loop, by name), LoopLevel (a place in a loop nest),
// and Schedule (all scheduling calls of a pipeline as a value, which can be saved, loaded and applied). What each directive means is in docs/schedule.md.

#include <concepts>
#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "heddle/error.h"
#include "heddle/expr.h"
#include "heddle/loop_types.h"

namespace heddle {

class Func;
class RDom;
class RVar;
class Var;

namespace Internal {
class Function;
struct Directive;
struct LoopLevelContents;
}  // namespace Internal

/** A loop as an argument of a scheduling call. It remembers where the call was written. */
struct VarOrRVar {
    VarOrRVar(const std::string &name, bool is_rvar,
              std::source_location location = std::source_location::current());
    VarOrRVar(const Var &v, std::source_location location = std::source_location::current());
    VarOrRVar(const RVar &r, std::source_location location = std::source_location::current());
    /** An RDom of one dimension. */
    VarOrRVar(const RDom &r, std::source_location location = std::source_location::current());
    /** What converts to a Var, such as the implicit _0. */
    template<typename T>
    requires(!std::same_as<T, VarOrRVar> && !std::same_as<T, Var> && !std::same_as<T, RVar> &&
             !std::same_as<T, RDom> && std::convertible_to<const T &, Var>)
        VarOrRVar(const T &v, std::source_location location = std::source_location::current())
        : VarOrRVar(static_cast<const Var &>(Var(v)), location) {
    }
    HEDDLE_SPECIAL_MEMBERS(VarOrRVar);
    const std::string &name() const {
        return name_;
    }

    bool is_rvar;
    std::source_location location;

private:
    std::string name_;
};

/** A place in a loop nest: immediately inside a loop of a stage, outside all loops (root), or nowhere
    (inlined). Copies share one value, so that a level can be handed out first and set later; it is read
    when the pipeline is lowered. */
class LoopLevel {
public:
    /** A level that is not set yet. Lowering a pipeline that uses it is an error until it is. */
    LoopLevel();
    HEDDLE_SPECIAL_MEMBERS(LoopLevel);
    /** Inside loop v of f. A stage_index of -1 means every stage of f that uses what is placed here. */
    LoopLevel(const Func &f, const VarOrRVar &v, int stage_index = -1);
    LoopLevel(const std::shared_ptr<Internal::Function> &f, const VarOrRVar &v,
              int stage_index = -1);
    /** The same by name alone, as in a Schedule that was loaded and is not applied yet. */
    LoopLevel(const std::string &func_name, const std::string &var_name, bool is_rvar,
              int stage_index, bool locked = false);
    static LoopLevel inlined();
    static LoopLevel root();

    /** Gives this level and all its copies the value of `other`; HD0427 once it is locked. */
    void set(const LoopLevel &other);
    /** Allows no further set(). */
    LoopLevel &lock();
    bool locked() const;

    bool defined() const;
    bool is_inlined() const;
    bool is_root() const;
    /** Name of the Func, the loop, and the stage: of levels at a loop only (else an error). */
    std::string func() const;
    VarOrRVar var() const;
    int stage_index() const;
    /** The Func itself; null when the level was made by name, or the Func is gone. */
    std::shared_ptr<const Internal::Function> function() const;
    /** "f.x", "root", "inlined" or "not set". */
    std::string to_string() const;
    bool operator==(const LoopLevel &other) const;
    /** Whether a loop called "func.stage.var", or "func.var", is the one of this level: of levels at a loop. */
    bool match(const std::string &loop) const;
    bool match(const LoopLevel &other) const;
    // The parts, empty (or -1) where there are none.
    std::string func_name() const;
    std::string var_name() const;
    bool is_rvar() const;
    int get_stage_index() const;

private:
    explicit LoopLevel(Internal::LoopLevelContents contents);
    const Internal::LoopLevelContents &at_loop(const char *what) const;
    std::shared_ptr<Internal::LoopLevelContents> contents_;
};

/** What a memoized result can be evicted by from the cache; no Expr: only by age. */
class EvictionKey {
public:
    explicit EvictionKey(const Expr &key = Expr());
    HEDDLE_SPECIAL_MEMBERS(EvictionKey);
    const Expr &key() const {
        return key_;
    }

private:
    Expr key_;
};

/** All directives of a pipeline, apart from the pipeline: names instead of Funcs. The stages are in
    topological order, producers first; a Func's directives for itself stand with its pure stage. */
class Schedule {
public:
    struct Stage {
        std::string func;  ///< display name; a second Func of that name is "name#1"
        int update = -1;   ///< index of the update definition; -1: the pure stage
        std::vector<Internal::Directive> directives;
        std::string
            other;  ///< members of the JSON object that are not ours, as a JSON object, or empty
        Stage();
        HEDDLE_SPECIAL_MEMBERS(Stage);
    };
    Schedule();
    HEDDLE_SPECIAL_MEMBERS(Schedule);
    std::string pipeline;   ///< name of the pipeline
    std::string algorithm;  ///< hash of the algorithm it was made for; empty: not checked
    std::string target;     ///< what it was tuned for; informative
    std::vector<Stage> stages;
    std::string
        other;  ///< top-level members that are not ours ("made_by", ...), as a JSON object, or empty
    std::string source;  ///< the file it was loaded from, for messages

    /** The JSON text (schema: docs/schedule.md), ending in a newline. */
    std::string to_json() const;
    /** Parses JSON text. `source` is the name of the file for messages. Throws CompileError HD05xx. */
    static Schedule from_json(const std::string &text, const std::string &source = "");
    /** Writes to a temporary name, then renames. */
    void save(const std::string &path) const;
    static Schedule load(const std::string &path);
    /** The calls that would record it, as C++ text. */
    std::string to_cpp() const;
    /** Same directives for the same stages, and same algorithm. Places in the source do not count. */
    bool operator==(const Schedule &other) const;
};

}  // namespace heddle
