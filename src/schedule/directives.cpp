#include "schedule/directives.h"

#include <algorithm>
#include <array>

#include "heddle/var.h"
#include "ir/print.h"
#include "ir/rewrite.h"
#include "support/assert.h"

namespace heddle::Internal {

const std::vector<DirectiveInfo> &directive_table() {
    static const std::vector<DirectiveInfo> table = {
#define A(kind, name) {ArgumentKind::kind, name, false},
#define O(kind, name) {ArgumentKind::kind, name, true},
#define HEDDLE_DIRECTIVE(name, cpp, scope, ARGS, doc, before, after)                               \
    {DirectiveKind::name, #name, cpp, DirectiveScope::scope, {ARGS}, doc, before, after},
#include "schedule/directives.def"
#undef HEDDLE_DIRECTIVE
#undef O
#undef A
    };
    return table;
}

const DirectiveInfo &info(DirectiveKind kind) {
    return directive_table().at(static_cast<size_t>(kind));
}

const DirectiveInfo *find_directive(const std::string &name) {
    for (const DirectiveInfo &row : directive_table()) {
        if (row.name == name) return &row;
    }
    return nullptr;
}

bool lists_are_flat(DirectiveKind kind) {
    return kind == DirectiveKind::gpu_blocks || kind == DirectiveKind::gpu_threads || kind == DirectiveKind::gpu_tile;
}

const char *describe(ArgumentKind kind) {
    switch (kind) {
    case ArgumentKind::Loop: return "the name of a loop";
    case ArgumentKind::NewLoop: return "a name for a new loop";
    case ArgumentKind::Loops: return "names of loops";
    case ArgumentKind::LoopList: return "a list of loops";
    case ArgumentKind::NewLoopList: return "a list of names for new loops";
    case ArgumentKind::Dim: return "the name of a dimension";
    case ArgumentKind::NewDim: return "a name for a new dimension of the storage";
    case ArgumentKind::Dims: return "names of dimensions";
    case ArgumentKind::Factor: return "an integer above 0";
    case ArgumentKind::FactorList: return "a list of integers above 0";
    case ArgumentKind::Size: return "an integer";
    case ArgumentKind::Tail: return "a tail strategy";
    case ArgumentKind::TailList: return "a tail strategy, or a list with one for each loop";
    case ArgumentKind::Memory: return "a kind of memory";
    case ArgumentKind::Policy: return "auto, never or always";
    case ArgumentKind::Level: return "a Func and a loop of it";
    case ArgumentKind::Flag: return "true or false";
    case ArgumentKind::Condition: return "a condition on parameters and shapes";
    case ArgumentKind::NewFunc: return "a name for the new Func";
    case ArgumentKind::FuncName: return "the name of a Func";
    case ArgumentKind::FuncNames: return "a list of names of Funcs";
    case ArgumentKind::Text: return "a text";
    case ArgumentKind::Prefetch: return "clamp, guard_with_if or non_faulting";
    case ArgumentKind::RaceStrategy: return "refuse, atomic or private";
    case ArgumentKind::Device: return "the API of a GPU";
    case ArgumentKind::Alignments: return "an alignment of loops, or a list with one for each loop";
    }
    return "?";
}

namespace {

bool holds(ArgumentKind kind, const DirectiveArgument &a) {
    switch (kind) {
    case ArgumentKind::Loop:
    case ArgumentKind::NewLoop:
    case ArgumentKind::NewDim:
    case ArgumentKind::Dim: return std::holds_alternative<LoopName>(a);
    case ArgumentKind::Loops:
    case ArgumentKind::Dims:
    case ArgumentKind::LoopList:
    case ArgumentKind::NewLoopList: {
        const auto *list = std::get_if<std::vector<LoopName>>(&a);
        return list && !list->empty();
    }
    case ArgumentKind::Factor:
    case ArgumentKind::Size:
    case ArgumentKind::Condition: return std::holds_alternative<Expr>(a);
    case ArgumentKind::NewFunc:
    case ArgumentKind::FuncName: {
        const auto *name = std::get_if<std::string>(&a);
        return name && !name->empty();
    }
    case ArgumentKind::Text: return std::holds_alternative<std::string>(a);
    case ArgumentKind::FuncNames: {
        const auto *list = std::get_if<std::vector<std::string>>(&a);
        return list && !list->empty();
    }
    case ArgumentKind::RaceStrategy: return std::holds_alternative<Race>(a);
    case ArgumentKind::Device: return std::holds_alternative<DeviceAPI>(a);
    case ArgumentKind::Prefetch: return std::holds_alternative<PrefetchBoundStrategy>(a);
    case ArgumentKind::Alignments: {
        const auto *list = std::get_if<std::vector<LoopAlignStrategy>>(&a);
        return list && !list->empty();
    }
    case ArgumentKind::FactorList: {
        const auto *list = std::get_if<std::vector<Expr>>(&a);
        return list && !list->empty();
    }
    case ArgumentKind::Tail: return std::holds_alternative<TailStrategy>(a);
    case ArgumentKind::TailList: {
        const auto *list = std::get_if<std::vector<TailStrategy>>(&a);
        return list && !list->empty();
    }
    case ArgumentKind::Memory: return std::holds_alternative<MemoryType>(a);
    case ArgumentKind::Policy: return std::holds_alternative<Partition>(a);
    case ArgumentKind::Level: return std::holds_alternative<LoopLevel>(a);
    case ArgumentKind::Flag: return std::holds_alternative<bool>(a);
    }
    return false;
}

template<typename T>
struct Names {
    T value;
    const char *file, *cpp;
};

constexpr std::array<Names<TailStrategy>, 9> tails{{
    {TailStrategy::RoundUp, "round_up", "RoundUp"},
    {TailStrategy::GuardWithIf, "guard_with_if", "GuardWithIf"},
    {TailStrategy::Predicate, "predicate", "Predicate"},
    {TailStrategy::PredicateLoads, "predicate_loads", "PredicateLoads"},
    {TailStrategy::PredicateStores, "predicate_stores", "PredicateStores"},
    {TailStrategy::ShiftInwards, "shift_inwards", "ShiftInwards"},
    {TailStrategy::ShiftInwardsAndBlend, "shift_inwards_and_blend", "ShiftInwardsAndBlend"},
    {TailStrategy::RoundUpAndBlend, "round_up_and_blend", "RoundUpAndBlend"},
    {TailStrategy::Auto, "auto", "Auto"},
}};

constexpr std::array<Names<MemoryType>, 10> memories{{
    {MemoryType::Auto, "auto", "Auto"},
    {MemoryType::Heap, "heap", "Heap"},
    {MemoryType::Stack, "stack", "Stack"},
    {MemoryType::Register, "register", "Register"},
    {MemoryType::GPUShared, "gpu_shared", "GPUShared"},
    {MemoryType::GPUTexture, "gpu_texture", "GPUTexture"},
    {MemoryType::LockedCache, "locked_cache", "LockedCache"},
    {MemoryType::VTCM, "vtcm", "VTCM"},
    {MemoryType::AMXTile, "amx_tile", "AMXTile"},
    {MemoryType::GPUSharedAsync, "gpu_shared_async", "GPUSharedAsync"},
}};

constexpr std::array<Names<Partition>, 3> policies{{
    {Partition::Auto, "auto", "Auto"},
    {Partition::Never, "never", "Never"},
    {Partition::Always, "always", "Always"},
}};

constexpr std::array<Names<PrefetchBoundStrategy>, 3> prefetches{{
    {PrefetchBoundStrategy::Clamp, "clamp", "Clamp"},
    {PrefetchBoundStrategy::GuardWithIf, "guard_with_if", "GuardWithIf"},
    {PrefetchBoundStrategy::NonFaulting, "non_faulting", "NonFaulting"},
}};

constexpr std::array<Names<LoopAlignStrategy>, 4> alignments{{
    {LoopAlignStrategy::AlignStart, "align_start", "AlignStart"},
    {LoopAlignStrategy::AlignEnd, "align_end", "AlignEnd"},
    {LoopAlignStrategy::NoAlign, "no_align", "NoAlign"},
    {LoopAlignStrategy::Auto, "auto", "Auto"},
}};

constexpr std::array<Names<Race>, 3> races{{
    {Race::Refuse, "refuse", "Refuse"},
    {Race::Atomic, "atomic", "Atomic"},
    {Race::Private, "private", "Private"},
}};

// Those that the directives for GPUs may name.
constexpr std::array<Names<DeviceAPI>, 7> devices{{
    {DeviceAPI::Default_GPU, "default_gpu", "Default_GPU"},
    {DeviceAPI::CUDA, "cuda", "CUDA"},
    {DeviceAPI::OpenCL, "opencl", "OpenCL"},
    {DeviceAPI::Metal, "metal", "Metal"},
    {DeviceAPI::D3D12Compute, "d3d12compute", "D3D12Compute"},
    {DeviceAPI::Vulkan, "vulkan", "Vulkan"},
    {DeviceAPI::WebGPU, "webgpu", "WebGPU"},
}};

template<typename T, size_t N>
const Names<T> &row(const std::array<Names<T>, N> &table, T value) {
    for (const Names<T> &n : table) {
        if (n.value == value) return n;
    }
    HEDDLE_ASSERT(false, "an enumerator that is in no table");
    return table[0];
}

template<typename T, size_t N>
std::optional<T> value_of(const std::array<Names<T>, N> &table, const std::string &name) {
    for (const Names<T> &n : table) {
        if (n.file == name) return n.value;
    }
    return {};
}

std::string join(const std::vector<std::string> &parts) {
    std::string out;
    for (const std::string &p : parts) {
        if (!out.empty()) out += ", ";
        out += p;
    }
    return out;
}

std::string cpp_name_of_loop(const std::string &name) {
    static const std::string outermost = Var::outermost().name();
    return name == outermost ? "Var::outermost()" : name;
}

std::vector<std::string> names_of(const std::vector<LoopName> &loops) {
    std::vector<std::string> names;
    for (const LoopName &l : loops) {
        names.push_back(cpp_name_of_loop(l.name));
    }
    return names;
}

struct CppArgument {
    bool braces;  // lists in the middle of other arguments need them
    std::vector<std::string> operator()(std::monostate) const {
        return {};
    }
    std::vector<std::string> operator()(const LoopName &l) const {
        return {cpp_name_of_loop(l.name)};
    }
    std::vector<std::string> operator()(const Expr &e) const {
        return {brief(e)};
    }
    std::vector<std::string> operator()(bool b) const {
        return {b ? "true" : "false"};
    }
    std::vector<std::string> operator()(TailStrategy t) const {
        return {cpp_name(t)};
    }
    std::vector<std::string> operator()(MemoryType t) const {
        return {cpp_name(t)};
    }
    std::vector<std::string> operator()(Partition t) const {
        return {cpp_name(t)};
    }
    std::vector<std::string> operator()(PrefetchBoundStrategy t) const {
        return {cpp_name(t)};
    }
    std::vector<std::string> operator()(LoopAlignStrategy t) const {
        return {cpp_name(t)};
    }
    std::vector<std::string> operator()(Race r) const {
        return {cpp_name(r)};
    }
    std::vector<std::string> operator()(DeviceAPI d) const {
        return {cpp_name(d)};
    }
    // The name of a Func; a text is quoted by the caller, who knows the row.
    std::vector<std::string> operator()(const std::string &s) const {
        return {s};
    }
    std::vector<std::string> operator()(const std::vector<std::string> &l) const {
        return {l.size() == 1 ? l[0] : "{" + join(l) + "}"};
    }
    std::vector<std::string> operator()(const std::vector<LoopAlignStrategy> &l) const {
        if (l.size() == 1) return {cpp_name(l[0])};
        std::vector<std::string> parts;
        for (LoopAlignStrategy t : l) {
            parts.push_back(cpp_name(t));
        }
        return {"{" + join(parts) + "}"};
    }
    std::vector<std::string> operator()(const LoopLevel &l) const {
        if (!l.defined()) return {"LoopLevel()"};
        if (l.is_root()) return {"LoopLevel::root()"};
        if (l.is_inlined()) return {"LoopLevel::inlined()"};
        if (l.stage_index() < 0) return {l.func(), cpp_name_of_loop(l.var().name())};
        return {concat("LoopLevel(", l.func(), ", ", cpp_name_of_loop(l.var().name()), ", ",
                       l.stage_index(), ")")};
    }
    std::vector<std::string> operator()(const std::vector<LoopName> &l) const {
        if (braces) return {"{" + join(names_of(l)) + "}"};
        return names_of(l);
    }
    std::vector<std::string> operator()(const std::vector<Expr> &l) const {
        std::vector<std::string> parts;
        for (const Expr &e : l) {
            parts.push_back(brief(e));
        }
        return {"{" + join(parts) + "}"};
    }
    std::vector<std::string> operator()(const std::vector<TailStrategy> &l) const {
        if (l.size() == 1) return {cpp_name(l[0])};
        std::vector<std::string> parts;
        for (TailStrategy t : l) {
            parts.push_back(cpp_name(t));
        }
        return {"{" + join(parts) + "}"};
    }
};

}  // namespace

std::optional<std::string> wrong_argument(const Directive &d) {
    const DirectiveInfo &row = info(d.kind);
    if (d.args.size() > row.parameters.size()) return "after the last";
    bool left_out = false;
    for (size_t i = 0; i < row.parameters.size(); i++) {
        const DirectiveParameter &p = row.parameters[i];
        if (i >= d.args.size() || std::holds_alternative<std::monostate>(d.args[i])) {
            if (!p.optional) return p.name;
            left_out = true;
        } else if ((left_out && p.kind != ArgumentKind::RaceStrategy && p.kind != ArgumentKind::Device) || !holds(p.kind, d.args[i])) {
            return p.name;
        }
    }
    return {};
}

namespace {

// {{loop, var}, ...}
std::string pairs_of(const Directive &d) {
    const auto &a = argument<std::vector<LoopName>>(d, 0), &b = argument<std::vector<LoopName>>(d, 1);
    std::vector<std::string> pairs;
    for (size_t i = 0; i < a.size() && i < b.size(); i++) pairs.push_back("{" + a[i].name + ", " + b[i].name + "}");
    return "{" + join(pairs) + "}";
}

// compute_with(f, y, {{x, LoopAlignStrategy::AlignStart}, {y, LoopAlignStrategy::AlignEnd}})
std::string aligned_loops(const Directive &d) {
    std::vector<std::string> parts = CppArgument{true}(std::get<LoopLevel>(d.args[0]));
    const auto &align = std::get<std::vector<LoopAlignStrategy>>(d.args[1]);
    const std::vector<std::string> names = names_of(std::get<std::vector<LoopName>>(d.args[2]));
    std::vector<std::string> pairs;
    for (size_t i = 0; i < names.size(); i++) {
        const LoopAlignStrategy a = align[align.size() == 1 ? 0 : std::min(i, align.size() - 1)];
        pairs.push_back("{" + names[i] + ", " + cpp_name(a) + "}");
    }
    parts.push_back("{" + join(pairs) + "}");
    return "compute_with(" + join(parts) + ")";
}

// gpu_blocks(x, y), gpu_tile(x, y, xo, yo, xi, yi, 8, 8): lists are written one after the other.
std::string without_braces(const Directive &d) {
    std::vector<std::string> parts;
    for (size_t i = 0; i < d.args.size(); i++) {
        const bool is_tail = info(d.kind).parameters.at(i).kind == ArgumentKind::Tail;
        if (const auto *factors = std::get_if<std::vector<Expr>>(&d.args[i])) {
            for (const Expr &e : *factors) parts.push_back(brief(e));
        } else if (is_tail && std::holds_alternative<std::monostate>(d.args[i])) {
            parts.push_back(cpp_name(TailStrategy::Auto));  // the device stands behind it
        } else {
            for (std::string &text : std::visit(CppArgument{false}, d.args[i])) parts.push_back(std::move(text));
        }
    }
    return std::string(info(d.kind).cpp) + "(" + join(parts) + ")";
}

}  // namespace

std::string to_cpp(const Directive &d) {
    if (lists_are_flat(d.kind)) return without_braces(d);
    const DirectiveInfo &row = info(d.kind);
    if (d.kind == DirectiveKind::compute_with && d.args.size() == 3 && !wrong_argument(d)) return aligned_loops(d);
    if (d.kind == DirectiveKind::rfactor) return std::string(row.cpp) + "(" + pairs_of(d) + ")";
    std::vector<std::string> parts;
    for (size_t i = 0; i < d.args.size(); i++) {
        if (row.parameters.at(i).kind == ArgumentKind::NewFunc) continue;  // what the call returns
        const bool is_text = row.parameters.at(i).kind == ArgumentKind::Text;
        for (std::string &text : std::visit(CppArgument{row.parameters.size() > 1}, d.args[i])) {
            parts.push_back(is_text ? quoted(text) : std::move(text));
        }
    }
    return std::string(row.cpp) + "(" + join(parts) + ")";
}

const char *file_name(TailStrategy t) {
    return row(tails, t).file;
}
const char *file_name(MemoryType t) {
    return row(memories, t).file;
}
const char *file_name(Partition t) {
    return row(policies, t).file;
}
const char *file_name(PrefetchBoundStrategy t) {
    return row(prefetches, t).file;
}
const char *file_name(LoopAlignStrategy t) {
    return row(alignments, t).file;
}
std::optional<TailStrategy> tail_from(const std::string &name) {
    return value_of(tails, name);
}
std::optional<MemoryType> memory_from(const std::string &name) {
    return value_of(memories, name);
}
std::optional<Partition> partition_from(const std::string &name) {
    return value_of(policies, name);
}
std::optional<PrefetchBoundStrategy> prefetch_from(const std::string &name) {
    return value_of(prefetches, name);
}
std::optional<LoopAlignStrategy> alignment_from(const std::string &name) {
    return value_of(alignments, name);
}
std::string cpp_name(TailStrategy t) {
    return std::string("TailStrategy::") + row(tails, t).cpp;
}
std::string cpp_name(MemoryType t) {
    return std::string("MemoryType::") + row(memories, t).cpp;
}
std::string cpp_name(Partition t) {
    return std::string("Partition::") + row(policies, t).cpp;
}
std::string cpp_name(PrefetchBoundStrategy t) {
    return std::string("PrefetchBoundStrategy::") + row(prefetches, t).cpp;
}
std::string cpp_name(LoopAlignStrategy t) {
    return std::string("LoopAlignStrategy::") + row(alignments, t).cpp;
}
std::string cpp_name(Race r) {
    return std::string("Race::") + row(races, r).cpp;
}
const char *file_name(Race r) {
    return row(races, r).file;
}
std::optional<Race> race_from(const std::string &name) {
    return value_of(races, name);
}

std::string cpp_name(DeviceAPI d) {
    return std::string("DeviceAPI::") + row(devices, d).cpp;
}
const char *file_name(DeviceAPI d) {
    return row(devices, d).file;
}
std::optional<DeviceAPI> device_from(const std::string &name) {
    return value_of(devices, name);
}

std::string brief(const Expr &e) {
    if (!e.defined()) return "Expr()";
    int64_t value = 0;
    if (as_const_int(e, &value)) return std::to_string(value);
    PrintOptions options;
    options.types = false;
    return to_string(e, options);
}

std::string written(const Expr &e) {
    PrintOptions options;
    options.types = false;
    walk_graph(
        e, [&](const Variable &v) { options.types |= v.type != Int(32); }, [&](const Access &) { options.types = true; });
    return options.types ? to_string(e, options) : brief(e);
}

}  // namespace heddle::Internal
