#pragma once
// The table of directives as code: kinds, arguments, names, and the C++ text of a directive.

#include <optional>
#include <string>
#include <vector>

#include "language/directive.h"

namespace heddle::Internal {

enum class DirectiveKind : uint8_t {
#define HEDDLE_DIRECTIVE(name, cpp, scope, ARGS, doc, before, after) name,
#include "schedule/directives.def"
#undef HEDDLE_DIRECTIVE
};

/** What an argument is, and which alternative of DirectiveArgument holds it. */
enum class ArgumentKind {
    Loop,         ///< a loop that exists: LoopName
    NewLoop,      ///< a loop that the directive makes: LoopName
    Loops,        ///< all further arguments are loops: vector<LoopName>, at least one
    LoopList,     ///< a list of loops that exist: vector<LoopName>
    NewLoopList,  ///< a list of loops that it makes: vector<LoopName>
    Dim,          ///< a dimension of the Func: LoopName
    NewDim,       ///< a dimension of its storage that the directive makes: LoopName
    Dims,         ///< all further arguments are dimensions: vector<LoopName>, at least one
    Factor,       ///< an int32 above 0: Expr
    FactorList,   ///< vector<Expr>
    Size,         ///< an int32: Expr
    Tail,         ///< TailStrategy
    TailList,     ///< one for all, or one for each: vector<TailStrategy>
    Memory,       ///< MemoryType
    Policy,       ///< Partition
    Level,        ///< a Func, a loop of it, and perhaps a stage: LoopLevel
    Flag,         ///< bool
    Condition,    ///< a bool over Params and shapes: Expr
    NewFunc,      ///< the name of a Func that the directive makes: string
    FuncName,     ///< a Func of the pipeline: string
    FuncNames,    ///< a list of Funcs of the pipeline: vector<string>
    Text,         ///< any text: string
    Prefetch,     ///< PrefetchBoundStrategy
    RaceStrategy, ///< Race
    Device,       ///< DeviceAPI of a GPU
    Alignments,   ///< one for all, or one for each loop: vector<LoopAlignStrategy>
};

enum class DirectiveScope { Loops, Func };

struct DirectiveParameter {
    ArgumentKind kind;
    const char *name;
    bool optional;
};

struct DirectiveInfo {
    DirectiveKind kind;
    const char *name;  ///< in files
    const char *cpp;   ///< the method
    DirectiveScope scope;
    std::vector<DirectiveParameter> parameters;
    const char *doc, *before, *after;
};

/** All rows, in order of the enumerators. */
const std::vector<DirectiveInfo> &directive_table();
const DirectiveInfo &info(DirectiveKind kind);
/** The row of this name, or null. */
const DirectiveInfo *find_directive(const std::string &name);
const char *describe(ArgumentKind kind);
/** Whether the method takes the elements of its lists one after the other: gpu_blocks(x, y). */
bool lists_are_flat(DirectiveKind kind);

/** The name of the first parameter whose argument is missing or of the wrong kind, if any. */
std::optional<std::string> wrong_argument(const Directive &d);

/** "split(x, xo, xi, 16, TailStrategy::RoundUp)": without the Func it is called on. */
std::string to_cpp(const Directive &d);

// Names in files: "round_up", "stack", "never". The from_ functions give nothing for an unknown name.
const char *file_name(TailStrategy t);
const char *file_name(MemoryType t);
const char *file_name(Partition t);
const char *file_name(PrefetchBoundStrategy t);
const char *file_name(LoopAlignStrategy t);
const char *file_name(Race r);
const char *file_name(DeviceAPI d);
std::optional<TailStrategy> tail_from(const std::string &name);
std::optional<MemoryType> memory_from(const std::string &name);
std::optional<Partition> partition_from(const std::string &name);
std::optional<PrefetchBoundStrategy> prefetch_from(const std::string &name);
std::optional<LoopAlignStrategy> alignment_from(const std::string &name);
std::optional<Race> race_from(const std::string &name);
std::optional<DeviceAPI> device_from(const std::string &name);
// Names in C++: "TailStrategy::RoundUp".
std::string cpp_name(TailStrategy t);
std::string cpp_name(MemoryType t);
std::string cpp_name(Partition t);
std::string cpp_name(PrefetchBoundStrategy t);
std::string cpp_name(LoopAlignStrategy t);
std::string cpp_name(Race r);
std::string cpp_name(DeviceAPI d);

/** An integer expression of a directive as people read it: constants, parameters and arithmetic. */
std::string brief(const Expr &e);
/** The same as files have it, which parses to what it was: with the types of variables that are no int32. */
std::string written(const Expr &e);

/** Argument i of d as a T, or the fallback when it was left out. */
template<typename T>
const T &argument(const Directive &d, size_t i) {
    return std::get<T>(d.args.at(i));
}
template<typename T>
T argument_or(const Directive &d, size_t i, T fallback) {
    if (i >= d.args.size()) return fallback;
    const T *value = std::get_if<T>(&d.args[i]);
    return value ? *value : fallback;
}

/** docs/schedule.md, made from the table. */
std::string reference_page();

}  // namespace heddle::Internal
