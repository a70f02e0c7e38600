#include "lower/storage_folding.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "analysis/box.h"
#include "analysis/monotonic.h"
#include "analysis/promises.h"
#include "analysis/simplify.h"
#include "analysis/upper_bound.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"
#include "schedule/directives.h"

namespace heddle::Internal {

namespace {

// Windows larger than this are left alone: folding would save little.
constexpr int64_t largest_window = 1024;

// For each realized buffer, the serial loops that all accesses are in and that no other loops stand around within the
// realization, the innermost first. One walk finds them all: what a statement touches is kept as a map from buffer to
// loops, and the smaller of two maps is merged into the larger one.
class CommonLoops final : public Walker {
public:
    using List = std::vector<const For *>;
    explicit CommonLoops(const Stmt &s) {
        (*this)(s);
    }
    const List &of(const Symbol &buffer) const {
        static const List none;
        auto it = found_.find(buffer);
        return it == found_.end() ? none : it->second;
    }
    // What the body of a loop touches, computed once.
    const Boxes &boxes(const For &loop) {
        auto [it, fresh] = boxes_.try_emplace(&loop);
        if (fresh) it->second = boxes_touched(loop.body, {}, Touch::Both, SelectBranches::Both);
        return it->second;
    }

    // Whether a region of the buffer is passed to a C function, which knows nothing of folds.
    bool is_passed_on(const Symbol &buffer) const {
        return passed_on_.count(buffer) > 0;
    }

    void operator()(const Expr &e) const override {
        walk(
            e, [&](const Access &a) { add(a.buffer, {}); },
            [&](const Call &c) {
                if (c.op == CallOp::buffer_of) passed_on_.insert(c.args[0].as<Access>()->buffer);
            });
    }
    void operator()(const Stmt &s) const override {
        if (!s.defined()) return;
        Loops around;
        std::swap(around, touched_);
        if (const For *f = s.as<For>()) {
            (*this)(f->body);
            for (auto &[buffer, loops] : touched_) {
                if (f->for_type == ForType::Serial) {
                    loops.push_back(f);
                } else {
                    loops.clear();
                }
            }
            (*this)(f->min);
            (*this)(f->extent);
        } else {
            children(*s.get());
        }
        if (const Write *w = s.as<Write>()) add(w->buffer, {});
        if (const Realize *r = s.as<Realize>()) {
            auto it = touched_.find(r->buffer);
            found_[r->buffer] = it == touched_.end() ? List() : std::move(it->second);
            touched_.erase(r->buffer);
        }
        if (around.size() > touched_.size()) std::swap(around, touched_);
        for (auto &[buffer, loops] : around) add(buffer, std::move(loops));
    }

private:
    using Loops = std::unordered_map<Symbol, List>;
    // Touched twice: no loop that is in only one of both.
    void add(const Symbol &buffer, List loops) const {
        auto [it, fresh] = touched_.try_emplace(buffer, std::move(loops));
        if (!fresh) it->second.clear();
    }
    mutable Loops touched_, found_;
    mutable std::unordered_set<Symbol> passed_on_;
    std::unordered_map<const For *, Boxes> boxes_;
};

int64_t power_of_two_at_least(int64_t x) {
    int64_t p = 1;
    while (p < x) p *= 2;
    return p;
}

// A constant that the extent of the window never exceeds, whatever the loop variable is.
std::optional<int64_t> window(const Interval &i, const For &loop) {
    const Expr last = simplify(Sub::make(Add::make(loop.min, loop.extent), make_one(Int(32))));
    Scope<Interval> scope;
    scope.push(loop.loop, Interval{loop.min, last});
    return constant_upper_bound(Add::make(Sub::make(i.max, i.min), make_one(Int(32))), scope);
}

bool grows(const Expr &e, const Symbol &loop) {
    const Direction m = direction_of(e, loop);
    return m == Direction::Increasing || m == Direction::Constant;
}
bool shrinks(const Expr &e, const Symbol &loop) {
    const Direction m = direction_of(e, loop);
    return m == Direction::Decreasing || m == Direction::Constant;
}

Stmt fold_coordinate(const Stmt &s, const Symbol &buffer, size_t d, const Expr &factor) {
    auto folded = [&](ExprList args) {
        args[d] = simplify(Mod::make(args[d], factor));
        return args;
    };
    return rewrite(
        s, [&](const Access &a) -> Expr {
            return a.buffer == buffer ? Access::make(a.type, a.buffer, folded(a.args), a.value_index, a.owner) :
                                        Expr(&a);
        },
        [&](const Write &w) -> Stmt {
            return w.buffer == buffer ? Write::make(w.buffer, folded(w.args), w.values, w.predicate) : Stmt(&w);
        });
}

// Whether some vectorized loop inside moves along dimension d: its lanes would wrap.
bool vectorized_along(const Stmt &s, const Symbol &buffer, size_t d) {
    bool found = false;
    walk(s, [&](const For &f) {
        if (f.for_type != ForType::Vectorized) return;
        // A let may carry the loop variable into the coordinate: look at the box of one iteration.
        auto boxes = boxes_touched(f.body, {}, Touch::Both, SelectBranches::Both);
        auto it = boxes.find(buffer);
        if (it == boxes.end()) return;
        const Interval &i = it->second[d];
        found |= !i.min.defined() || !i.max.defined() || uses(i.min, f.loop) || uses(i.max, f.loop);
    });
    return found;
}

// What is known of the window that one iteration of a loop around all accesses sees in a dimension.
struct Window {
    bool moves = false;           // depends on the loop, in one direction
    std::optional<int64_t> size;  // at most this many
    Expr extent;                  // exactly this many, in terms of the loop variable
};

// The loops whose windows may be folded, the outermost first. In the outermost loop around all accesses the buffer is
// new, so that all that an iteration reads was written by it or by an earlier one, whose window held it as do all windows
// in between. For a loop further in, that is so as long as no iteration of the loops around it reads what an earlier one
// of theirs has left; only sliding windows do, of which build_nest has made a note. A task of its own may be in the next
// iteration of a loop outside already, with its window at the beginning again.
CommonLoops::List loops_to_fold_over(const Realize &n, const CommonLoops &loops, const PassContext &context) {
    const CommonLoops::List &all = loops.of(n.buffer);
    CommonLoops::List out(all.rbegin(), all.rend());
    const auto kept_over = context.kept_over.find(n.buffer);
    const auto begins_anew = [&](const Symbol &loop) {
        return context.origins.count(loop) > 0 && (kept_over == context.kept_over.end() || kept_over->second.count(loop) == 0);
    };
    const bool is_noted = context.storage.count(n.buffer) > 0 && context.async.count(n.buffer) == 0;
    size_t usable = 1;
    while (is_noted && usable < out.size() && begins_anew(out[usable - 1]->loop)) usable++;
    if (usable < out.size()) out.resize(usable);
    return out;
}

std::vector<Window> windows(const Realize &n, const For *loop, CommonLoops &loops) {
    std::vector<Window> out(n.bounds.size());
    const Boxes &boxes = loops.boxes(*loop);
    auto it = boxes.find(n.buffer);
    if (it == boxes.end()) return out;
    for (size_t d = 0; d < n.bounds.size(); d++) {
        const Interval i = with_clamps(it->second[d]);
        if (!i.min.defined() || !i.max.defined()) continue;
        if (!uses(i.min, loop->loop) && !uses(i.max, loop->loop)) continue;
        const bool forward = grows(i.min, loop->loop) && grows(i.max, loop->loop);
        const bool backward = shrinks(i.min, loop->loop) && shrinks(i.max, loop->loop);
        out[d].moves = forward || backward;
        out[d].size = window(i, *loop);
        out[d].extent = simplify(Add::make(Sub::make(i.max, i.min), make_one(Int(32))));
    }
    return out;
}

Stmt folded(const Realize &n, size_t d, const Expr &factor) {
    Ranges bounds = n.bounds;
    bounds[d] = {make_zero(Int(32)), factor};
    return Realize::make(n.buffer, n.types, bounds, n.order, n.memory, n.condition,
                         fold_coordinate(n.body, n.buffer, d, factor));
}

Stmt fold_by_itself(const Realize &n, CommonLoops &loops, const PassContext &context) {
    if (loops.is_passed_on(n.buffer)) return Stmt(&n);
    for (const For *loop : loops_to_fold_over(n, loops, context)) {
        const std::vector<Window> all = windows(n, loop, loops);
        for (size_t d = 0; d < all.size(); d++) {
            const Window &w = all[d];
            if (!w.moves || !w.size || *w.size <= 0 || *w.size > largest_window) continue;
            const int64_t factor = power_of_two_at_least(*w.size);
            int64_t whole;
            if (as_const_int(n.bounds[d].extent, &whole) && whole <= factor) continue;
            if (vectorized_along(n.body, n.buffer, d)) continue;
            return folded(n, d, make_const(Int(32), factor));
        }
    }
    return Stmt(&n);
}

[[noreturn]] void refuse(int code, const char *directive, const StorageOrigin &origin, const std::string &var,
                         const std::string &why, const std::string &hint) {
    Diagnostic d;
    d.code = code;
    d.location = origin.location;
    d.directive = std::string(directive) + "(" + var + ")";
    d.func = origin.func;
    d.var = var;
    d.message = why;
    d.hint = hint;
    throw CompileError(d);
}

Expr user_context() {
    return Call::make(Handle(), CallOp::user_context, {});
}

// n, in which each iteration of the loop checks that its window fits.
Stmt with_window_check(const Realize &n, const For &loop, const StorageOrigin &origin, const StorageWish &wish,
                       const Expr &extent, const PassContext &context) {
    const auto loop_origin = context.origins.find(loop.loop);
    const std::string loop_name = loop_origin == context.origins.end() ?
                                      loop.loop.name() :
                                      loop_origin->second.func + "." + loop_origin->second.var;
    // halide_error_fold_factor_too_small(context, func, var, factor, loop, extent that is needed)
    const Expr report = Call::make(Int(32), CallOp::extern_c,
                                   {user_context(), StringImm::make(origin.func), StringImm::make(wish.var), wish.fold,
                                    StringImm::make(loop_name), extent},
                                   "halide_error_fold_factor_too_small");
    const Stmt check = Assert::make(simplify(LE::make(extent, wish.fold)), report);
    const Stmt body = rewrite(n.body, [&](const For &l) -> Stmt {
        if (l.loop != loop.loop) return Stmt(&l);
        if (!uses(extent, l.loop)) return Block::make({check, Stmt(&l)});
        return For::make(l.loop, l.min, l.extent, l.for_type, l.partition, Block::make({check, l.body}));
    });
    return Realize::make(n.buffer, n.types, n.bounds, n.order, n.memory, n.condition, body);
}

bool accesses(const Stmt &s, const Symbol &buffer) {
    bool found = false;
    walk(
        s, [&](const Access &a) { found |= a.buffer == buffer; }, [&](const Write &w) { found |= w.buffer == buffer; });
    return found;
}

// Whether a loop lies between s and where the buffer is computed and used.
bool has_loop(const Stmt &s, const Symbol &buffer) {
    bool found = false;
    walk(
        s,
        [&](const For &n, const Walker &w) {
            found = found || accesses(n.body, buffer);
            if (!found) w(n.body);
        },
        [&](const ProducerConsumer &n, const Walker &w) {
            if (n.buffer != buffer) w(n.body);
        });
    return found;
}

// How often a task may compute the Func ahead of its use when only `factor` elements are kept: as long as the windows
// of all these iterations fit together.
void limit_lead(const Realize &n, const For &loop, size_t d, int64_t factor, PassContext &context) {
    const auto it = context.async.find(n.buffer);
    if (it == context.async.end()) return;
    AsyncFunc &async = context.async_funcs[it->second];
    if (async.ahead.defined() && is_const(async.ahead, 1)) return;
    const auto boxes = boxes_touched(loop.body, {}, Touch::Both, SelectBranches::Both);
    const Interval i = with_clamps(boxes.at(n.buffer)[d]);
    const bool rises = grows(i.min, loop.loop) && grows(i.max, loop.loop);
    int64_t lead = 1;
    constexpr int64_t most = 64;
    while (lead < most) {
        const Expr earlier = Sub::make(Variable::make(Int(32), loop.loop), make_const(Int(32), lead));
        const Interval both = rises ? Interval(substitute(loop.loop, earlier, i.min), i.max) :
                                      Interval(i.min, substitute(loop.loop, earlier, i.max));
        const std::optional<int64_t> size = window(both, loop);
        if (!size || *size > factor) break;
        lead++;
    }
    // With loops inside, an iteration of this one is computed in several steps, and as many may be under way.
    if (has_loop(loop.body, n.buffer)) lead = std::max<int64_t>(lead - 1, 1);
    async.ahead = make_const(Int(32), lead);
}

// A fold that was asked for is done, or refused: never done wrongly. Whether a window that is not known now fits
// is checked when the kernel runs.
Stmt fold_as_told(Stmt s, const StorageOrigin &origin, CommonLoops &loops, PassContext &context) {
    for (size_t d = 0; d < origin.dims.size(); d++) {
        const StorageWish &wish = origin.dims[d];
        if (!wish.fold.defined()) continue;
        const Realize &n = *s.as<Realize>();
        if (loops.is_passed_on(n.buffer)) {
            refuse(454, "fold_storage", origin, wish.var,
                   "a C function gets " + origin.func + " as a buffer, and knows nothing of folds", "do not fold it");
        }
        const Expr fold = simplify(wish.fold);
        int64_t factor = 0, whole;
        const bool known = as_const_int(fold, &factor);
        const bool fits = known && as_const_int(simplify(n.bounds[d].extent), &whole) && whole <= factor;
        // The first loop whose window is known to fit, or the innermost one: its window is the smallest.
        const For *loop = nullptr;
        Window w;
        for (const For *l : fits ? CommonLoops::List() : loops_to_fold_over(n, loops, context)) {
            const Window here = windows(n, l, loops)[d];
            if (!here.moves) continue;
            loop = l;
            w = here;
            if (known && w.size && *w.size <= factor) break;
        }
        if (!fits && !loop) {
            refuse(454, "fold_storage", origin, wish.var,
                   origin.func + " cannot be folded in " + wish.var +
                       ": no serial loop is known to move a window along it in one direction",
                   "compute " + origin.func + " in a serial loop of what uses it (compute_at) and store it outside of that loop (store_root or " +
                       "store_at), or leave fold_storage out");
        }
        if (loop) limit_lead(n, *loop, d, known ? factor : 0, context);
        if (loop && !(known && w.size && *w.size <= factor)) s = with_window_check(n, *loop, origin, wish, w.extent, context);
        s = folded(*s.as<Realize>(), d, fold);
    }
    return s;
}

// bound_storage and align_storage, of what is left after folding.
Stmt sized_as_told(const Stmt &s, const StorageOrigin &origin) {
    const Realize &n = *s.as<Realize>();
    Ranges bounds = n.bounds;
    StmtList parts;
    for (size_t d = 0; d < origin.dims.size(); d++) {
        const StorageWish &wish = origin.dims[d];
        Expr &extent = bounds[d].extent;
        if (wish.bound.defined()) {
            // halide_error_storage_bound_too_small(context, func, var, extent given, extent needed)
            const Expr report = Call::make(Int(32), CallOp::extern_c,
                                           {user_context(), StringImm::make(origin.func), StringImm::make(wish.var),
                                            wish.bound, extent},
                                           "halide_error_storage_bound_too_small");
            const Expr enough = simplify(LE::make(extent, wish.bound));
            if (is_const_false(enough) && is_const(extent)) {
                refuse(435, "bound_storage", origin, wish.var,
                       "room for " + brief(wish.bound) + " along " + wish.var + " is given, and " + brief(extent) +
                           " are needed",
                       "a bound of at least " + brief(extent));
            }
            if (!can_prove(enough)) parts.push_back(Assert::make(enough, report));
            extent = simplify(wish.bound);
        }
        if (wish.alignment.defined()) {
            const Expr up = Add::make(extent, Sub::make(wish.alignment, make_one(Int(32))));
            extent = simplify(Mul::make(Div::make(up, wish.alignment), wish.alignment));
        }
    }
    parts.push_back(Realize::make(n.buffer, n.types, bounds, n.order, n.memory, n.condition, n.body));
    return Block::make(parts);
}

// split_storage: coordinates and bounds of the parts instead of the whole.
Stmt split_as_told(const Stmt &s, const StorageOrigin &origin) {
    std::vector<std::string> names;
    for (const StorageWish &w : origin.dims) names.push_back(w.var);
    std::vector<std::pair<size_t, Expr>> steps;  // dimension, factor; the inner part is appended
    for (const StorageSplit &split : origin.splits) {
        const auto at = static_cast<size_t>(std::find(names.begin(), names.end(), split.old) - names.begin());
        HEDDLE_ASSERT(at < names.size(), "storage to split is not there");
        names[at] = split.outer;
        names.push_back(split.inner);
        steps.emplace_back(at, simplify(split.factor));
    }
    auto parts = [&](ExprList args) {
        for (const auto &[at, factor] : steps) {
            args.push_back(simplify(Mod::make(args[at], factor)));
            args[at] = simplify(Div::make(args[at], factor));
        }
        return args;
    };
    return rewrite(s, [&](const Realize &n, const Rewriter &) -> Stmt {  // the outermost one only
        const auto owner = n.buffer;
        const Stmt body = rewrite(
            n.body, [&](const Access &a) -> Expr {
                return a.buffer == owner ? Access::make(a.type, a.buffer, parts(a.args), a.value_index, a.owner) : Expr(&a);
            },
            [&](const Write &w) -> Stmt {
                return w.buffer == owner ? Write::make(w.buffer, parts(w.args), w.values, w.predicate) : Stmt(&w);
            });
        Ranges bounds = n.bounds;
        for (const auto &[at, factor] : steps) {
            const Range whole = bounds[at];
            const Expr first = simplify(Div::make(whole.min, factor));
            const Expr last = Sub::make(Add::make(whole.min, whole.extent), make_one(Int(32)));
            bounds[at] = {first, simplify(Add::make(Sub::make(Div::make(last, factor), first), make_one(Int(32))))};
            bounds.push_back({make_zero(Int(32)), factor});
        }
        IntList order;
        for (const std::string &name : origin.order) {
            order.push_back(static_cast<int>(std::find(names.begin(), names.end(), name) - names.begin()));
        }
        return Realize::make(n.buffer, n.types, bounds, order, n.memory, n.condition, body);
    });
}

}  // namespace

Stmt storage_folding(const Stmt &s, PassContext &context) {
    CommonLoops loops(s);
    return rewrite(s, [&](const Realize &n) -> Stmt {
        auto it = context.storage.find(n.buffer);
        if (it == context.storage.end()) return fold_by_itself(n, loops, context);
        const StorageOrigin &origin = it->second;
        const bool told = std::any_of(origin.dims.begin(), origin.dims.end(),
                                      [](const StorageWish &w) { return w.fold.defined(); });
        // A task may be ahead of those that use what it computes: its windows are folded only as it was told.
        const Stmt folded = told                             ? fold_as_told(Stmt(&n), origin, loops, context) :
                            context.async.count(n.buffer) > 0 ? Stmt(&n) :
                                                                fold_by_itself(n, loops, context);
        if (!origin.splits.empty() && loops.is_passed_on(n.buffer)) {
            const StorageSplit &split = origin.splits[0];
            refuse(436, "split_storage", origin, split.old,
                   "a C function gets " + origin.func + " as a buffer, and knows nothing of split dimensions", "do not split it");
        }
        const Stmt sized = sized_as_told(folded, origin);
        return origin.splits.empty() ? sized : split_as_told(sized, origin);
    });
}

}  // namespace heddle::Internal
