// What the directives of scope Func come to: placement, storage and bounds.

#include <algorithm>

#include "ir/rewrite.h"
#include "language/parameter.h"
#include "schedule/check.h"
#include "schedule/derived.h"
#include "schedule/loop_level.h"

namespace heddle::Internal {

namespace {

Verdict find_dim(const Function &f, const LoopName &dim) {
    if (std::find(f.args.begin(), f.args.end(), dim.name) != f.args.end()) return {};
    std::string names;
    for (const std::string &a : f.args) {
        names += (names.empty() ? "" : ", ") + a;
    }
    return Refusal{401, concat(f.display_name, " has no dimension ", dim.name), dim.name,
                   concat("its dimensions are ", names.empty() ? "none" : names)};
}

// Of split_storage: the dimensions that the storage has after these directives.
std::vector<std::string> storage_names(const Function &f, const std::vector<Directive> &directives) {
    std::vector<std::string> names = f.args;
    for (const Directive &d : directives) {
        if (d.kind != DirectiveKind::split_storage) continue;
        const auto old = std::find(names.begin(), names.end(), argument<LoopName>(d, 0).name);
        HEDDLE_ASSERT(old != names.end(), "a recorded split of storage that is not there");
        *old = argument<LoopName>(d, 1).name;
        names.insert(old, argument<LoopName>(d, 2).name);
    }
    return names;
}

Verdict find_storage_dim(const Function &f, const std::vector<Directive> &before, const LoopName &dim) {
    const std::vector<std::string> names = storage_names(f, before);
    if (std::find(names.begin(), names.end(), dim.name) != names.end()) return {};
    std::string all;
    for (const std::string &n : names) {
        all += (all.empty() ? "" : ", ") + n;
    }
    return Refusal{401, concat("the storage of ", f.display_name, " has no dimension ", dim.name), dim.name,
                   concat("its dimensions are ", all.empty() ? "none" : all)};
}

// A dimension whose extent in memory something is to be said about: as it was before any split.
Verdict find_whole_dim(const Function &f, const std::vector<Directive> &before, const LoopName &dim) {
    if (Verdict v = find_dim(f, dim)) return v;
    for (const Directive &d : before) {
        if (d.kind == DirectiveKind::split_storage && argument<LoopName>(d, 0).name == dim.name) {
            return Refusal{437, concat("the storage of ", dim.name, " was split"), dim.name,
                           "choose a factor that serves both"};
        }
    }
    return {};
}

Verdict check_split_storage(const Function &f, const std::vector<Directive> &before, const Directive &d) {
    const LoopName &old = argument<LoopName>(d, 0), &outer = argument<LoopName>(d, 1),
                   &inner = argument<LoopName>(d, 2);
    if (Verdict v = find_storage_dim(f, before, old)) return v;
    Expr factor;
    if (Verdict v = check_size(argument<Expr>(d, 3), "factor", true, old.name, &factor)) return v;
    int64_t unused;
    if (!as_const_int(factor, &unused)) {
        return Refusal{438, concat("the factor for the storage of ", old.name, " is not a constant"), old.name, ""};
    }
    if (outer.name == inner.name) return Refusal{402, concat(inner.name, " is named twice"), inner.name, ""};
    for (const std::string &n : storage_names(f, before)) {
        if (n == old.name || (n != outer.name && n != inner.name)) continue;
        return Refusal{439, concat("the name ", n, " is taken by another dimension"), n, "choose a new name"};
    }
    for (const Directive &said : before) {
        const bool sizes = said.kind == DirectiveKind::align_storage || said.kind == DirectiveKind::bound_storage ||
                           said.kind == DirectiveKind::fold_storage;
        if (sizes && argument<LoopName>(said, 0).name == old.name) {
            return Refusal{437, concat(info(said.kind).name, " was said of ", old.name, ", whose storage cannot be split then"),
                           old.name, "choose a factor that serves both"};
        }
    }
    return {};
}

Verdict check_dims(const Function &f, const std::vector<Directive> &before, const std::vector<LoopName> &dims) {
    for (size_t i = 0; i < dims.size(); i++) {
        if (Verdict v = find_storage_dim(f, before, dims[i])) return v;
        for (size_t j = 0; j < i; j++) {
            if (dims[i].name == dims[j].name) {
                return Refusal{402, concat(dims[i].name, " is named twice"), dims[i].name, ""};
            }
        }
    }
    return {};
}

Verdict check_level(const Function &f, const LoopLevel &level) {
    // A level that is not set yet, or set to root or inlined, is looked at when the pipeline is lowered.
    if (!level.defined() || level.is_root() || level.is_inlined()) return {};
    if (level.function().get() == &f) {
        return Refusal{403, concat(f.display_name, " cannot be placed inside a loop of its own"),
                       level.var().name(), "name a Func that uses it"};
    }
    return {};
}

Verdict check_memory(const Function &f, MemoryType memory) {
    switch (memory) {
    case MemoryType::Auto:
    case MemoryType::Heap:
    case MemoryType::Stack:
    case MemoryType::Register:
    case MemoryType::LockedCache: return {};
    case MemoryType::GPUShared:
    case MemoryType::GPUTexture:
    case MemoryType::VTCM:
    case MemoryType::AMXTile:
    case MemoryType::GPUSharedAsync: break;
    }
    return Refusal{
        404,
        concat(cpp_name(memory), " is not memory of a CPU, where ", f.display_name, " is computed"),
        "", "MemoryType::Heap, Stack or Register"};
}

Verdict check_substitute(const Function &f, const std::vector<Directive> &before, const Directive &d) {
    const std::vector<std::string> callers = callers_named(d);
    for (size_t i = 0; i < callers.size(); i++) {
        const std::string &caller = callers[i];
        if (caller == f.name) {
            return Refusal{410, concat(f.display_name, " cannot use another Func in place of itself"), caller, ""};
        }
        if (std::find(callers.begin(), callers.begin() + static_cast<std::ptrdiff_t>(i), caller) !=
            callers.begin() + static_cast<std::ptrdiff_t>(i)) {
            return Refusal{402, concat(caller, " is named twice"), caller, ""};
        }
    }
    for (const Directive &other : before) {
        if (!makes_substitute(other.kind)) continue;
        const std::vector<std::string> &named = callers_named(other);
        if (callers.empty() && named.empty()) {
            return Refusal{412, concat("there is a wrapper of ", f.name, " for all callers already"), f.name, ""};
        }
        for (const std::string &caller : callers) {
            if (std::find(named.begin(), named.end(), caller) == named.end()) continue;
            return Refusal{412,
                           concat(caller, " uses ", argument<std::string>(other, 0), " in place of ", f.name, " already"),
                           caller, concat("wrap ", argument<std::string>(other, 0), ", or leave ", caller, " out")};
        }
    }
    return {};
}

Verdict check_eviction_key(const Function &f, const Directive &d) {
    const Expr key = argument_or(d, 0, Expr());
    if (!key.defined()) return {};
    const Type t = key.type();
    if (!t.is_scalar() || t.is_float()) {
        return Refusal{461, concat("the eviction key of ", f.display_name, " is of type ", to_string(t), ", and must be an integer"), "", ""};
    }
    std::string culprit;
    walk_graph(
        key, [&](const Variable &v) {
            if (!parameter_of(v)) culprit = v.symbol.name();
        },
        [&](const Access &a) { culprit = a.buffer.name(); });
    if (culprit.empty()) return {};
    return Refusal{461, concat("the eviction key of ", f.display_name, " uses ", culprit, ", and must be known before anything is computed"), "",
                   "use Params only"};
}

BoundConstraint &constraint(Placement &p, const std::string &var) {
    for (BoundConstraint &b : p.bounds) {
        if (b.var == var) return b;
    }
    p.bounds.emplace_back();
    p.bounds.back().var = var;
    return p.bounds.back();
}

StorageDim &storage_of(Placement &p, const std::string &var) {
    return *std::find_if(p.storage.begin(), p.storage.end(),
                         [&](const StorageDim &s) { return s.var == var; });
}

Expr as_int32(const Directive &d, size_t i, const char *what, const std::string &var) {
    Expr result;
    const Verdict v = check_size(argument<Expr>(d, i), what, false, var, &result);
    HEDDLE_ASSERT(!v, "a recorded directive has an illegal argument");
    return result;
}

void reorder_storage(Placement &p, const std::vector<LoopName> &dims) {
    std::vector<size_t> places;
    for (const LoopName &dim : dims) {
        places.push_back(static_cast<size_t>(&storage_of(p, dim.name) - p.storage.data()));
    }
    std::vector<StorageDim> moved;
    for (size_t i : places) {
        moved.push_back(p.storage[i]);
    }
    std::sort(places.begin(), places.end());
    for (size_t i = 0; i < places.size(); i++) {
        p.storage[places[i]] = moved[i];
    }
}

}  // namespace

Placement::Level resolve_level(const LoopLevel &level, const Function &f, int stage, const Directive &d) {
    Placement::Level result;
    result.location = d.location;
    if (!level.defined()) {
        const Refusal r{405, concat("the LoopLevel given for ", f.display_name, " was never set"),
                        "", "call set() on it before the pipeline is compiled"};
        throw CompileError(diagnostic_of(r, f, stage, d));
    }
    if (level.is_inlined()) return result;
    result.where = Placement::Where::Root;
    if (level.is_root()) return result;
    result.where = Placement::Where::At;
    const std::shared_ptr<const Function> func = level.function();
    if (!func) {
        const Refusal r{406,
                        concat("Func ", level.func(), ", inside whose loop ", level.var().name(),
                               " ", f.display_name, " is to be placed, is gone"),
                        level.var().name(), ""};
        throw CompileError(diagnostic_of(r, f, stage, d));
    }
    result.func = func->symbol;
    result.stage = level.stage_index();
    result.var = level.var().name();
    return result;
}

Verdict check_placement(const Function &f, const std::vector<Directive> &before,
                        const Directive &d) {
    auto dim = [&]() -> const LoopName & { return argument<LoopName>(d, 0); };
    auto size = [&](size_t i, const char *what, bool positive) -> Verdict {
        Expr unused;
        if (i >= d.args.size()) return {};
        return check_size(argument<Expr>(d, i), what, positive, dim().name, &unused);
    };
    switch (d.kind) {
    case DirectiveKind::compute_root:
    case DirectiveKind::compute_inline:
    case DirectiveKind::store_root:
    case DirectiveKind::hoist_storage_root:
    case DirectiveKind::async: return {};
    case DirectiveKind::compute_at:
    case DirectiveKind::hoist_storage:
    case DirectiveKind::store_at: return check_level(f, argument<LoopLevel>(d, 0));
    case DirectiveKind::store_in: return check_memory(f, argument<MemoryType>(d, 0));
    case DirectiveKind::reorder_storage:
        return check_dims(f, before, argument<std::vector<LoopName>>(d, 0));
    case DirectiveKind::split_storage: return check_split_storage(f, before, d);
    case DirectiveKind::align_storage:
        if (Verdict v = find_whole_dim(f, before, dim())) return v;
        return size(1, "alignment", true);
    case DirectiveKind::fold_storage:
        if (Verdict v = find_whole_dim(f, before, dim())) return v;
        return size(1, "extent", true);
    case DirectiveKind::bound_storage:
        if (Verdict v = find_whole_dim(f, before, dim())) return v;
        return size(1, "bound", true);
    case DirectiveKind::ring_buffer: {
        Expr unused;
        return check_size(argument<Expr>(d, 0), "number of copies", true, f.display_name, &unused);
    }
    case DirectiveKind::bound:
        if (Verdict v = find_dim(f, dim())) return v;
        if (Verdict v = size(1, "min", false)) return v;
        return size(2, "extent", true);
    case DirectiveKind::bound_extent:
        if (Verdict v = find_dim(f, dim())) return v;
        return size(1, "extent", true);
    case DirectiveKind::align_bounds:
        if (Verdict v = find_dim(f, dim())) return v;
        if (Verdict v = size(1, "modulus", true)) return v;
        return size(2, "remainder", false);
    case DirectiveKind::align_extent:
        if (Verdict v = find_dim(f, dim())) return v;
        return size(1, "modulus", true);
    case DirectiveKind::in:
    case DirectiveKind::clone_in: return check_substitute(f, before, d);
    case DirectiveKind::memoize: return check_eviction_key(f, d);
    default: break;
    }
    HEDDLE_ASSERT(false, info(d.kind).name, " is not about a Func");
    return {};
}

Placement placement_of(const Function &f) {
    Placement p;
    for (const std::string &a : f.args) {
        p.storage.emplace_back();
        p.storage.back().var = a;
    }
    const Directive *stored = nullptr;  // the last store_at or store_root
    const Directive *hoisted = nullptr, *ring = nullptr;
    bool placed = false;
    for (const Directive &d : f.directives) {
        placed |= d.kind == DirectiveKind::compute_at || d.kind == DirectiveKind::compute_root || d.kind == DirectiveKind::compute_inline;
        auto dim = [&]() -> const std::string & { return argument<LoopName>(d, 0).name; };
        switch (d.kind) {
        case DirectiveKind::compute_root: p.compute = resolve_level(LoopLevel::root(), f, 0, d); break;
        case DirectiveKind::compute_inline: p.compute = resolve_level(LoopLevel::inlined(), f, 0, d); break;
        case DirectiveKind::compute_at: p.compute = resolve_level(argument<LoopLevel>(d, 0), f, 0, d); break;
        case DirectiveKind::store_root:
            p.store = resolve_level(LoopLevel::root(), f, 0, d);
            stored = &d;
            break;
        case DirectiveKind::store_at:
            p.store = resolve_level(argument<LoopLevel>(d, 0), f, 0, d);
            stored = p.store.where == Placement::Where::Inlined ? nullptr : &d;
            break;
        case DirectiveKind::hoist_storage_root:
            p.hoist = resolve_level(LoopLevel::root(), f, 0, d);
            hoisted = &d;
            break;
        case DirectiveKind::hoist_storage:
            p.hoist = resolve_level(argument<LoopLevel>(d, 0), f, 0, d);
            hoisted = p.hoist.where == Placement::Where::Inlined ? nullptr : &d;
            break;
        case DirectiveKind::ring_buffer:
            p.ring_buffer = as_int32(d, 0, "number of copies", f.display_name);
            ring = &d;
            break;
        case DirectiveKind::async:
            p.async = true;
            p.async_location = d.location;
            break;
        case DirectiveKind::store_in: p.memory = argument<MemoryType>(d, 0); break;
        case DirectiveKind::reorder_storage:
            reorder_storage(p, argument<std::vector<LoopName>>(d, 0));
            break;
        case DirectiveKind::split_storage: {
            StorageSplit split{dim(), argument<LoopName>(d, 1).name, argument<LoopName>(d, 2).name,
                               as_int32(d, 3, "factor", dim())};
            StorageDim outer = storage_of(p, dim()), inner = outer;
            outer.var = split.outer;
            inner.var = split.inner;
            const auto at = p.storage.begin() + (&storage_of(p, dim()) - p.storage.data());
            *at = outer;
            p.storage.insert(at, inner);
            p.storage_splits.push_back(std::move(split));
            break;
        }
        case DirectiveKind::align_storage:
            storage_of(p, dim()).alignment = as_int32(d, 1, "alignment", dim());
            break;
        case DirectiveKind::bound_storage:
            storage_of(p, dim()).bound = as_int32(d, 1, "bound", dim());
            break;
        case DirectiveKind::fold_storage:
            storage_of(p, dim()).fold_factor = as_int32(d, 1, "extent", dim());
            storage_of(p, dim()).fold_forward = argument_or(d, 2, true);
            break;
        case DirectiveKind::bound:
            constraint(p, dim()).min = as_int32(d, 1, "min", dim());
            constraint(p, dim()).extent = as_int32(d, 2, "extent", dim());
            break;
        case DirectiveKind::bound_extent: {
            BoundConstraint &b = constraint(p, dim());
            b.min = Expr();
            b.extent = as_int32(d, 1, "extent", dim());
            break;
        }
        case DirectiveKind::align_bounds:
            constraint(p, dim()).modulus = as_int32(d, 1, "modulus", dim());
            constraint(p, dim()).remainder =
                d.args.size() > 2 ? as_int32(d, 2, "remainder", dim()) : Expr(0);
            break;
        case DirectiveKind::align_extent:
            constraint(p, dim()).modulus = as_int32(d, 1, "modulus", dim());
            constraint(p, dim()).remainder = Expr();
            break;
        case DirectiveKind::in:
        case DirectiveKind::clone_in: break;  // read by callee_of
        case DirectiveKind::memoize:
            p.memoized = true;
            p.eviction_key = argument_or(d, 0, Expr());
            break;
        default: HEDDLE_ASSERT(false, info(d.kind).name, " is not about a Func");
        }
    }
    if (const auto like = f.placed_as.lock(); like && !placed) {
        p.compute = placement_of(*like).compute;
        if (p.compute.where == Placement::Where::Inlined) p.compute.where = Placement::Where::Root;
    }
    if (p.compute.where == Placement::Where::Inlined && stored) {
        const Refusal r{407,
                        concat(f.display_name, " is stored, but it is inlined wherever it is used"),
                        "", "say compute_root() or compute_at(...), too"};
        throw CompileError(diagnostic_of(r, f, 0, *stored));
    }
    if (p.compute.where == Placement::Where::Inlined && hoisted) {
        const Refusal r{419,
                        concat("the storage of ", f.display_name,
                               " is hoisted, but it is inlined wherever it is used"),
                        "", "say compute_root() or compute_at(...), too"};
        throw CompileError(diagnostic_of(r, f, 0, *hoisted));
    }
    if (ring && !hoisted) {
        const Refusal r{420,
                        concat("the storage of ", f.display_name,
                               " is not hoisted: there are no iterations that could use the copies in turn"),
                        "", "say hoist_storage(...) for a loop outside of the one that it is stored in"};
        throw CompileError(diagnostic_of(r, f, 0, *ring));
    }
    if (!stored) p.store = p.compute;
    return p;
}

}  // namespace heddle::Internal
