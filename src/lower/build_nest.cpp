#include "lower/build_nest.h"

#include <algorithm>
#include <map>
#include <optional>

#include "analysis/box.h"
#include "analysis/promises.h"
#include "analysis/simplify.h"
#include "ir/compare.h"
#include "ir/refresh.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"
#include "language/scatter.h"
#include "lower/extern_stages.h"
#include "lower/memoization.h"
#include "lower/needs.h"
#include "lower/place.h"
#include "lower/stage_loops.h"

namespace heddle::Internal {

namespace {

Expr one() {
    return make_const(Int(32), int64_t{1});
}
Expr last_of(const Range &r) {
    return simplify(Sub::make(Add::make(r.min, r.extent), one()));
}
Range range_of(const Interval &i) {
    return {i.min, simplify(Add::make(Sub::make(i.max, i.min), one()))};
}
Interval interval_of(const Range &r) {
    return {r.min, last_of(r)};
}

// Whether e may be repeated at no cost instead of being bound by a let.
bool is_simple(const Expr &e) {
    if (is_const(e) || e.as<Variable>()) return true;
    const Add *a = e.as<Add>();
    return a && a->a.as<Variable>() && is_const(a->b);
}

class NestBuilder {
public:
    NestBuilder(const Graph &graph, const std::vector<OutputRegion> &outputs, PassContext &context)
        : g_(graph), context_(context), externs_(graph, context.handles), memo_(graph, context.pipeline) {
        for (const OutputRegion &o : outputs) {
            output_region_[o.func] = o.ranges;
            if (!func(o.func).placement.storage_splits.empty()) refuse_split_output(func(o.func));
        }
    }

    Stmt build() {
        const Stmt nest = at_level(LoopPlace{}, Stmt());
        context_.prologue = externs_.prologue(nest);
        return nest;
    }

private:
    const GraphFunc &func(int i) const {
        return g_.funcs[static_cast<size_t>(i)];
    }

    [[noreturn]] static void refuse_split_output(const GraphFunc &f) {
        const StorageSplit &s = f.placement.storage_splits[0];
        Diagnostic d;
        d.code = 436;
        d.location = f.function->pure.location;
        d.directive = "split_storage(" + s.old + ", " + s.outer + ", " + s.inner + ")";
        d.func = f.name;
        d.var = s.old;
        d.message = f.name + " is an output: its layout in memory is its caller's";
        d.hint = "compute it as an intermediate of the pipeline, or make the blocks dimensions of the algorithm";
        throw CompileError(d);
    }

    // --- levels

    // A Func that is computed at a level.
    struct Computed {
        int func;
        StmtList checks;
        Stmt produced;
        Expr checks_start, start;  // first iterations of the loop around; undefined where there is none
    };

    // `inner`, with the Funcs that are computed at this level before it and the storage of those that are
    // stored here around all. A level that is the body of a loop comes with the loop's first value, which sliding
    // windows may make smaller; what must not run in such early iterations is guarded.
    Stmt at_level(const LoopPlace &level, Stmt inner, const Symbol &loop = Symbol(), Expr *first = nullptr) {
        std::vector<int> computed, stored;
        for (int i = 0; i < static_cast<int>(g_.funcs.size()); i++) {
            if (func(i).removed) continue;
            if (func(i).compute == level) computed.push_back(i);
            if (func(i).store == level && !func(i).is_output) stored.push_back(i);
        }
        if (computed.empty() && stored.empty()) return inner;

        const Expr inner_start = first ? *first : Expr();
        std::vector<Reader> readers;
        if (inner.defined()) {
            const Boxes reads = boxes_touched(inner, {}, Touch::Reads, SelectBranches::Narrow);
            readers.push_back({reads, reads, reads, inner_start});
        }
        std::vector<Computed> made;
        for (size_t k = computed.size(); k-- > 0;) {
            std::optional<Computed> c = compute(computed[k], level, loop, readers);
            if (!c) continue;
            if (first && can_prove(LT::make(c->start, *first))) *first = c->start;
            made.push_back(std::move(*c));
        }
        auto guarded = [&](const Stmt &s, const Expr &start) {
            if (!first || equal(start, *first)) return s;
            Expr begun = LE::make(start, Variable::make(Int(32), loop));
            return If::make(Call::make(Bool(), CallOp::likely, {begun}), s);
        };
        if (inner.defined()) inner = guarded(inner, inner_start);
        for (const Computed &c : made) {
            StmtList parts;
            for (const Stmt &check : c.checks) parts.push_back(guarded(check, c.checks_start));
            const Symbol &buffer = func(c.func).elements[0];
            parts.push_back(ProducerConsumer::make(buffer, true, guarded(c.produced, c.start)));
            if (inner.defined()) parts.push_back(ProducerConsumer::make(buffer, false, inner));
            inner = Block::make(parts);
        }
        if (!stored.empty()) {
            // What is stored here has its bounds from the same statement.
            const Boxes accessed = boxes_touched(inner, {}, Touch::Both, SelectBranches::Both);
            for (int f : stored) inner = realize(f, inner, accessed);
        }
        return externs_.at_level(level, inner);
    }

    // Func f computed at this level for its readers, which it joins; nothing when they do not use it at all.
    std::optional<Computed> compute(int f, const LoopPlace &level, const Symbol &loop, std::vector<Reader> &readers) {
        const bool slides_perhaps = loop.defined() && func(f).store != level && !func(f).is_extern();
        const std::vector<Need> needs = needs_of(f, readers, slides_perhaps);
        if (needs.empty()) return {};
        LoopNeeds first = first_needs(needs, loop);
        Computed c{f, {}, {}, first.start, first.start};
        Region slid, whole;
        bool slides = false;
        // A region of a given extent is only understood when all readers start at once.
        const std::vector<BoundConstraint> &bounds = func(f).placement.bounds;
        const bool grows = std::all_of(bounds.begin(), bounds.end(), [](const BoundConstraint &b) { return !b.extent.defined(); });
        if (slides_perhaps && (first.together || grows)) {
            slid = whole = bounded(f, hull_of(needs), c.checks);
            StmtList unused;
            first.first = bounded(f, first.first, unused);
            first.may_start_earlier = true;
            slides = slide(f, level, first, slid, whole, c.start);
        }
        if (!slides) {
            c.checks.clear();
            const std::vector<Need> now = needs_of(f, readers, false);
            slid = bounded(f, needed_now(now, loop), c.checks);
            StmtList unused;
            whole = first.together ? slid : bounded(f, hull_of(now), unused);
        }
        c.produced = produce(f, slid);
        const Boxes reads = boxes_touched(c.produced, {}, Touch::Reads, SelectBranches::Narrow);
        const bool differs = !std::equal(slid.begin(), slid.end(), whole.begin(), same_ends);
        const Boxes full =
            differs ? boxes_touched(produce(f, whole), {}, Touch::Reads, SelectBranches::Narrow) : reads;
        readers.push_back({reads, full, slides ? full : reads, c.start});
        if (!func(f).function->debug_file.empty()) c.produced = Block::make({c.produced, write_to_file(f, slid)});
        if (memo_.applies(f)) c.produced = memo_.guarded(f, slid, c.produced);
        return c;
    }

    static bool same_ends(const Interval &a, const Interval &b) {
        return equal(a.min, b.min) && equal(a.max, b.max);
    }

    // The regions of f that each of its readers needs.
    std::vector<Need> needs_of(int f, const std::vector<Reader> &readers, bool full) const {
        const GraphFunc &p = func(f);
        if (p.is_output) {
            Region region;
            for (const Range &r : output_region_.at(f)) region.push_back(interval_of(r));
            return {{region, region, Expr()}};
        }
        std::vector<Need> needs;
        for (const Reader &reader : readers) {
            const Region region = region_in(f, full ? reader.full : reader.reads);
            if (region.empty() && !reads_scalar(f, reader)) continue;
            needs.push_back({region, full ? region_in(f, reader.at_first) : region, reader.start});
        }
        return needs;
    }

    // The hull of the boxes of all elements of f; empty when there are none.
    Region region_in(int f, const Boxes &boxes) const {
        const GraphFunc &p = func(f);
        Box box;
        bool used = false;
        for (const Symbol &e : p.elements) {
            auto it = boxes.find(e);
            if (it == boxes.end()) continue;
            box = used ? box_union(box, it->second) : it->second;
            used = true;
        }
        Region region;
        for (size_t d = 0; used && d < p.dimensions(); d++) {
            require_bounded(f, box, d, "is read");
            region.push_back(with_clamps(box[d]));
        }
        return region;
    }
    bool reads_scalar(int f, const Reader &reader) const {
        const GraphFunc &p = func(f);
        return p.dimensions() == 0 && std::any_of(p.elements.begin(), p.elements.end(),
                                                  [&](const Symbol &e) { return reader.reads.count(e) > 0; });
    }

    // The region that is computed when this one is needed, by what was said of f's bounds.
    Region bounded(int f, Region region, StmtList &checks) {
        const GraphFunc &p = func(f);
        for (const BoundConstraint &b : p.placement.bounds) {
            const auto d = static_cast<size_t>(
                std::find(p.function->args.begin(), p.function->args.end(), b.var) - p.function->args.begin());
            Range r = range_of(region[d]);
            apply_bound(p, b, r, checks);
            region[d] = interval_of(r);
        }
        return region;
    }

    void require_bounded(int f, const Box &box, size_t d, const char *how) const {
        if (box[d].min.defined() && box[d].max.defined()) return;
        Diagnostic diagnostic;
        diagnostic.code = 452;
        diagnostic.location = func(f).function->pure.location;
        diagnostic.func = func(f).name;
        diagnostic.var = func(f).function->args[d];
        diagnostic.message = "Func " + func(f).name + " " + how + " in an unbounded way in dimension " +
                             std::to_string(d) + " (" + diagnostic.var + ")";
        diagnostic.hint = "clamp() the index to the range that is meant";
        throw CompileError(diagnostic);
    }

    // bound, bound_extent, align_bounds, align_extent.
    void apply_bound(const GraphFunc &p, const BoundConstraint &b, Range &r, std::vector<Stmt> &checks) {
        const Range needed = r;
        if (b.min.defined()) r.min = simplify(b.min);
        if (b.extent.defined()) r.extent = simplify(b.extent);
        if (b.modulus.defined()) {
            const Expr m = b.modulus;
            const Expr rem = b.remainder.defined() ? b.remainder : make_zero(Int(32));
            if (b.remainder.defined()) {  // min down, end up
                Expr end = Add::make(r.min, r.extent);
                Expr low = Add::make(Mul::make(Div::make(Sub::make(r.min, rem), m), m), rem);
                Expr up = Add::make(Sub::make(end, rem), Sub::make(m, one()));
                Expr high = Add::make(Mul::make(Div::make(up, m), m), rem);
                r.min = simplify(low);
                r.extent = simplify(Sub::make(high, r.min));
            } else {
                Expr up = Div::make(Add::make(r.extent, Sub::make(m, one())), m);
                r.extent = simplify(Mul::make(up, m));
            }
            return;
        }
        Expr covers = simplify(And::make(LE::make(r.min, needed.min), GE::make(last_of(r), last_of(needed))));
        if (is_const_true(covers) || can_prove(covers)) return;
        // halide_error_explicit_bounds_too_small(context, func, var, given min, max, required min, max)
        Expr report = Call::make(Int(32), CallOp::extern_c,
                                 {Call::make(Handle(), CallOp::user_context, {}), StringImm::make(p.name),
                                  StringImm::make(b.var), r.min, last_of(r), needed.min, last_of(needed)},
                                 "halide_error_explicit_bounds_too_small");
        checks.push_back(Assert::make(covers, report));
    }

    // --- sliding windows

    // `needs` is about the loop whose body the level is.
    bool slide(int f, const LoopPlace &level, LoopNeeds needs, Region &region, Region &whole, Expr &start) {
        const StageLoops &around = *active_.at({level.func, level.stage});
        const LoopPlace &store = func(f).store;
        const bool same_stage = store.func == level.func && store.stage == level.stage;
        const auto end = same_stage ? static_cast<size_t>(store.dim) : around.loops.size();
        bool slid = false;
        for (auto d = static_cast<size_t>(level.dim); d < end; d++) {
            const StageLoops::Loop &loop = around.loops[d];
            if (loop.for_type != ForType::Serial && loop.for_type != ForType::Unrolled) break;
            const bool innermost = d == static_cast<size_t>(level.dim);
            // All that is inside of an outer loop starts with it.
            if (!innermost) needs = {loop.symbol, loop.min, true, region, false};
            const Slide s = slide_over_loop(func(f), needs, region, whole);
            if (innermost && s.done) start = s.start;
            slid |= s.done;
        }
        return slid;
    }

    // --- storage

    Stmt realize(int f, Stmt body, const Boxes &all) {
        const GraphFunc &p = func(f);
        Box common;  // of a memoized Func: the elements are kept together, in one shape
        if (memo_.applies(f)) {
            common = all.at(p.elements[0]);
            for (const Symbol &e : p.elements) common = box_union(common, all.at(e));
        }
        for (size_t k = p.elements.size(); k-- > 0;) {
            auto it = all.find(p.elements[k]);
            if (it == all.end()) continue;
            const Box &box = memo_.applies(f) ? common : it->second;
            Ranges bounds;
            for (size_t d = 0; d < p.dimensions(); d++) {
                require_bounded(f, box, d, "is accessed");
                bounds.push_back(range_of(with_clamps(box[d])));
            }
            IntList order;
            StorageOrigin origin{p.name, p.function->pure.location, std::vector<StorageWish>(p.dimensions())};
            const std::vector<std::string> &args = p.function->args;
            for (size_t d = 0; d < args.size(); d++) origin.dims[d].var = args[d];
            origin.splits = p.placement.storage_splits;
            for (const StorageDim &s : p.placement.storage) {
                const auto d = std::find(args.begin(), args.end(), s.var) - args.begin();
                if (!origin.splits.empty()) origin.order.push_back(s.var);
                if (d == static_cast<std::ptrdiff_t>(args.size())) continue;  // a part of one
                if (origin.splits.empty()) order.push_back(static_cast<int>(d));
                origin.dims[static_cast<size_t>(d)] = {s.var, s.fold_factor, s.bound, s.alignment};
            }
            if (!origin.splits.empty()) {  // in any order: storage_folding makes the one that was asked for
                for (size_t d = 0; d < args.size(); d++) order.push_back(static_cast<int>(d));
            }
            context_.storage[p.elements[k]] = std::move(origin);
            if (memo_.applies(f)) return memo_.held(f, bounds, order, body);
            body = Realize::make(p.elements[k], {p.types[k]}, bounds, order, p.placement.memory, Expr(), body);
        }
        return body;
    }

    // debug_to_file: what was computed, as a file.
    Stmt write_to_file(int f, const Region &region) const {
        const GraphFunc &p = func(f);
        const std::string &file = p.function->debug_file;
        if (p.elements.size() > 1) {
            Diagnostic d;
            d.code = 462;
            d.func = p.name;
            d.directive = "debug_to_file(" + file + ")";
            d.message = p.name + " has " + std::to_string(p.elements.size()) + " values, and a file holds one";
            d.hint = "debug_to_file() a Func of one element of it";
            throw CompileError(d);
        }
        ExprList args, mins;
        for (const Interval &i : region) {
            const Interval r = with_clamps(i);
            mins.push_back(r.min);
            args.push_back(r.min);
            args.push_back(range_of(r).extent);
        }
        args.insert(args.begin(), Access::make(p.types[0], p.elements[0], mins));
        const Expr context = Call::make(Handle(), CallOp::user_context, {}), name = StringImm::make(file);
        const Symbol code = Symbol::fresh(p.name + ".file");
        const Expr c = Variable::make(Int(32), code);
        const Expr report = Call::make(Int(32), CallOp::extern_c, {context, StringImm::make(p.name), name, c},
                                       "halide_error_debug_to_file_failed");
        return LetStmt::make(code,
                             Call::make(Int(32), CallOp::extern_c, {context, name, Call::make(Handle(), CallOp::buffer_of, args)},
                                        "halide_debug_to_file"),
                             Assert::make(EQ::make(c, make_zero(Int(32))), report));
    }

    // --- stages

    // All stages of f over `region`, which is what the last one must cover; earlier ones also cover what
    // later ones read and write.
    Stmt produce(int f, const Region &region) {
        const GraphFunc &p = func(f);
        std::vector<std::pair<Symbol, Expr>> lets;
        // The last value is named rather than the extent, so that min + extent - 1 is exact.
        auto named = [&](const Interval &i, size_t d) -> Range {
            const std::string name = p.name + "." + p.function->args[d];
            auto bind = [&](const Expr &e, const char *suffix) {
                if (is_simple(e)) return e;
                Symbol s = Symbol::fresh(name + suffix);
                lets.emplace_back(s, e);
                return Variable::make(Int(32), s);
            };
            const Range exact = range_of(i);
            const Expr min = bind(i.min, ".min");
            if (is_simple(exact.extent)) return {min, exact.extent};
            const Expr last = bind(i.max, ".last");
            return {min, simplify(Add::make(Sub::make(last, min), one()))};
        };
        Ranges current;
        for (size_t d = 0; d < region.size(); d++) current.push_back(named(region[d], d));
        StmtList stages;
        for (size_t end = p.stages.size(); end > 0;) {
            size_t first = end - 1;
            while (first > 0 && p.stages[first - 1].definition == p.stages[end - 1].definition) first--;
            if (first == 0 && p.is_extern()) {
                // Its only places are right around the call, and Var::outermost().
                stages.insert(stages.begin(), at_level({f, 0, 0}, at_level({f, 0, -1}, externs_.call(f, current))));
                break;
            }
            std::vector<bool> may_exceed(p.dimensions(), false);
            const Stmt body = branches(f, first, end, current, may_exceed);
            stages.insert(stages.begin(), body);
            end = first;
            if (first == 0 || p.is_output) continue;
            const std::vector<std::optional<Interval>> wider = before_stage(f, first, may_exceed, body, current);
            for (size_t d = 0; d < wider.size(); d++) {
                if (wider[d]) current[d] = named(*wider[d], d);
            }
        }
        Stmt result = Block::make(stages);
        for (size_t i = lets.size(); i-- > 0;) {
            result = LetStmt::make(lets[i].first, lets[i].second, result);
        }
        return result;
    }

    // The branches first ... end - 1 of one definition: the first whose condition holds.
    Stmt branches(int f, size_t first, size_t end, const Ranges &region, std::vector<bool> &may_exceed) {
        const GraphFunc &p = func(f);
        Stmt chain;
        for (size_t s = end; s-- > first;) {
            const GraphStage &branch = p.stages[s];
            Stmt body;
            if (branch.failure) {
                body = Assert::make(const_false(), Call::make(Int(32), CallOp::extern_c,
                                                              {Call::make(Handle(), CallOp::user_context, {}),
                                                               StringImm::make(*branch.failure)},
                                                              "halide_error_specialize_fail"));
            } else {
                const StageLoops loops = stage_loops(p, static_cast<int>(s), region);
                body = stage(f, static_cast<int>(s), loops);
                for (size_t d = 0; d < may_exceed.size(); d++) may_exceed[d] = may_exceed[d] || loops.may_exceed[d];
            }
            chain = branch.condition.defined() ? If::make(branch.condition, body, chain) : body;
        }
        return chain;
    }

    // The region that the stages before this one, and before all branches of its definition, must cover, where it may be
    // another.
    std::vector<std::optional<Interval>> before_stage(int f, size_t s, const std::vector<bool> &may_exceed,
                                                      const Stmt &body, const Ranges &current) {
        const GraphFunc &p = func(f);
        Boxes touched = boxes_touched(body, {}, Touch::Both, SelectBranches::Narrow);
        std::vector<std::optional<Interval>> result(p.dimensions());
        for (size_t d = 0; d < p.dimensions(); d++) {
            if (p.stages[s].is_pure_in(d) && !may_exceed[d]) continue;
            Interval all = interval_of(current[d]);
            for (const Symbol &e : p.elements) {
                auto it = touched.find(e);
                if (it == touched.end()) continue;
                require_bounded(f, it->second, d, "is accessed");
                all = hull(all, with_clamps(it->second[d]));
            }
            result[d] = Interval(simplify(all.min), simplify(all.max));
        }
        return result;
    }

    Stmt stage(int f, int s, const StageLoops &loops) {
        const GraphStage &def = func(f).stages[static_cast<size_t>(s)];
        active_[{f, s}] = &loops;
        Substitution leaf;
        for (const auto &[symbol, value] : loops.values) leaf[symbol] = value;
        std::vector<Expr> guards = loops.guards;
        if (def.predicate.defined()) {
            Expr p = simplify(substitute(leaf, def.predicate));
            guards.push_back(Call::make(p.type(), CallOp::likely, {p}));
        }
        // The variables are bound inside of all guards: what they promise holds there only.
        Stmt body = at_level({f, s, -1}, atomically(def.nest, writes_with_tails(f, def, loops.tails)));
        for (size_t i = loops.values.size(); i-- > 0;) {
            body = LetStmt::make(loops.values[i].first, loops.values[i].second, body);
        }
        for (const Prefetch &p : def.nest.prefetches) {
            const auto is_at = [&](const Dim &dim) { return dim.var == p.at; };
            if (std::none_of(def.nest.dims.begin(), def.nest.dims.end(), is_at)) {
                refuse_prefetch(f, p, "there is no loop " + p.at + " any more");
            }
        }
        for (size_t d = 0; d < loops.loops.size(); d++) {
            const StageLoops::Loop &loop = loops.loops[d];
            context_.origins[loop.symbol] = {func(f).name, def.nest.dims[d].var,
                                             func(f).function->stage(def.definition).location,
                                             def.nest.dims[d].kind == DimKind::ImpureRVar};
            wrap(body, guards, loop.symbol);
            Expr first = loop.min;
            body = at_level({f, s, static_cast<int>(d)}, body, loop.symbol, &first);
            body = with_prefetches(f, def, loops, d, body);
            body = make_loop(loop, first, body);
        }
        wrap(body, guards, Symbol());
        body = at_level({f, s, static_cast<int>(loops.loops.size())}, body);
        active_.erase({f, s});
        return body;
    }

    // The loop, started early where sliding windows need it; never when it has no iterations of its own.
    static Stmt make_loop(const StageLoops::Loop &loop, const Expr &first, const Stmt &body) {
        if (equal(first, loop.min)) {
            return For::make(loop.symbol, loop.min, loop.extent, loop.for_type, loop.partition, body);
        }
        const Expr extent = simplify(Add::make(loop.extent, Sub::make(loop.min, first)));
        const Stmt earlier = For::make(loop.symbol, first, extent, loop.for_type, loop.partition, body);
        const Expr any = simplify(GT::make(loop.extent, make_zero(Int(32))));
        return can_prove(any) ? earlier : If::make(any, earlier);
    }

    // Updates of one element by several iterations that run at once.
    static Stmt atomically(const StageNest &nest, const Stmt &writes) {
        if (!nest.atomic) return writes;
        bool vectors = false, threads = false;
        for (const Dim &d : nest.dims) {
            if (d.kind != DimKind::ImpureRVar) continue;
            vectors |= d.for_type == ForType::Vectorized;
            threads |= d.for_type == ForType::Parallel;
        }
        return vectors || threads ? Atomic::make(threads, writes) : writes;
    }

    // What the body of loop d will read when another loop has advanced, asked for at its beginning.
    Stmt with_prefetches(int f, const GraphStage &def, const StageLoops &loops, size_t d, Stmt body) const {
        for (const Prefetch &p : def.nest.prefetches) {
            if (p.at != def.nest.dims[d].var) continue;
            size_t from = d;
            while (from < def.nest.dims.size() && def.nest.dims[from].var != p.from) from++;
            if (from == def.nest.dims.size()) refuse_prefetch(f, p, "there is no loop " + p.from + " around loop " + p.at);
            StmtList all;
            const Boxes reads = boxes_touched(body, {}, Touch::Reads, SelectBranches::Both);
            // What is stored inside of the loop is not there yet.
            std::vector<Symbol> inside;
            walk(
                body, [&](const Realize &r) { inside.push_back(r.buffer); }, [&](const LetStmt &l) { inside.push_back(l.symbol); });
            for (const auto &[symbol, type] : elements_named(p.func)) {
                if (std::find(inside.begin(), inside.end(), symbol) != inside.end()) continue;
                if (auto it = reads.find(symbol); it != reads.end()) {
                    const Expr request = request_ahead(p, it->second, symbol, type, loops.loops[from].symbol);
                    if (request.defined()) all.push_back(Evaluate::make(request));
                }
            }
            all.push_back(body);
            body = Block::make(all);
        }
        return body;
    }

    // Nothing for a region without bounds.
    static Expr request_ahead(const Prefetch &p, const Box &box, const Symbol &buffer, Type type, const Symbol &loop) {
        const Expr ahead = Add::make(Variable::make(Int(32), loop), p.offset);
        ExprList args = {make_const(Int(32), static_cast<int64_t>(p.strategy))}, mins;
        for (size_t i = 0; i < box.size(); i++) {
            if (!box[i].min.defined() || !box[i].max.defined()) return Expr();
            const Interval r = with_clamps(box[i]);
            mins.push_back(simplify(substitute(loop, ahead, r.min)));
            args.push_back(simplify(substitute(loop, ahead, range_of(r).extent)));
        }
        args.insert(args.begin(), Access::make(type, buffer, mins));
        return Call::make(Int(32), CallOp::prefetch, args);
    }

    std::vector<std::pair<Symbol, Type>> elements_named(const std::string &name) const {
        std::vector<std::pair<Symbol, Type>> out;
        for (const GraphFunc &g : g_.funcs) {
            if (g.name != name || g.removed) continue;
            for (size_t k = 0; k < g.elements.size(); k++) out.emplace_back(g.elements[k], g.types[k]);
        }
        for (const auto &p : g_.parameters) {
            if (p->is_buffer && p->name == name) out.emplace_back(p->symbol, p->type);
        }
        return out;
    }

    [[noreturn]] void refuse_prefetch(int f, const Prefetch &p, const std::string &message) const {
        Diagnostic d;
        d.code = 463;
        d.location = p.location;
        d.directive = "prefetch(" + p.func + ", " + p.at + ", " + p.from + ")";
        d.func = func(f).name;
        d.var = p.from;
        d.message = message;
        d.hint = "name loops that the stage has";
        throw CompileError(d);
    }

    // The guards that depend on this loop go right inside of it (an undefined symbol: all that are left).
    static void wrap(Stmt &body, std::vector<Expr> &guards, const Symbol &loop) {
        for (size_t i = guards.size(); i-- > 0;) {
            if (loop.defined() && !uses(guards[i], loop)) continue;
            body = If::make(guards[i], body);
            guards.erase(guards.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }

    // The writes of the whole steps of all splits, and those of the last ones. The condition is one on outer
    // loops, which partitioning cuts by it.
    Stmt writes_with_tails(int f, const GraphStage &def, const StageLoops::Tails &tails) {
        const Stmt plain = writes(f, def);
        if (tails.full.empty()) return plain;
        const GraphFunc &p = func(f);
        GraphStage last = def;
        // Where to write is read, too: a place that was not read is none. And what is not written has no value.
        const bool all_or_nothing = std::any_of(def.args.begin(), def.args.end(), reads_memory) ||
                                    std::any_of(def.values.begin(), def.values.end(), contains_undef);
        for (size_t k = 0; k < last.values.size(); k++) {
            Expr &value = last.values[k];
            if (!tails.loads.empty() && !all_or_nothing) {
                value = Call::make(value.type(), CallOp::if_then_else,
                                   {all_of(tails.loads), value, make_zero(value.type())});
            }
            if (!tails.blends.empty()) {
                const Expr old = Access::make(p.types[k], p.elements[k], def.args, 0, {});
                value = Select::make(all_of(tails.blends), value, old);
            }
        }
        const Expr full = all_of(tails.full);
        Stmt rest = writes(f, last, tails.stores.empty() ? const_true() : all_of(tails.stores));
        if (!tails.loads.empty() && all_or_nothing) rest = If::make(all_of(tails.loads), rest);
        return If::make(Call::make(full.type(), CallOp::likely, {full}), plain, with_fresh_symbols(rest));
    }

    static bool reads_memory(const Expr &e) {
        bool found = false;
        walk(e, [&](const Access &) { found = true; });
        return found;
    }

    static Expr all_of(const std::vector<Expr> &conditions) {
        Expr all = conditions[0];
        for (size_t i = 1; i < conditions.size(); i++) all = And::make(all, conditions[i]);
        return all;
    }

    Stmt writes(int f, const GraphStage &def, const Expr &predicate = const_true()) {
        const GraphFunc &p = func(f);
        const int n = stores_at_once(def.args, def.values);
        if (n == 1 && p.elements.size() == 1) return write(p.elements[0], def.args, streamed(def, def.values[0]), predicate);
        // All locations and values are computed before anything is stored.
        std::vector<std::pair<Symbol, Expr>> lets;
        auto bind = [&](const Expr &e, const char *suffix) {
            lets.emplace_back(Symbol::fresh(p.elements[0].name() + suffix), e);
            return Variable::make(e.type(), lets.back().first);
        };
        StmtList stores;
        for (int i = 0; i < n; i++) {
            ExprList args = one_of_several(def.args, i);
            for (Expr &e : args) {
                if (reads_element_of(p, e)) e = bind(e, ".location");
            }
            for (size_t k = 0; k < p.elements.size(); k++) {
                Expr value = one_of_several(def.values[k], i);
                if (!contains_undef(value)) value = bind(value, ".value");
                stores.push_back(write(p.elements[k], args, streamed(def, value), predicate));
            }
        }
        Stmt body = Block::make(stores);
        for (size_t i = lets.size(); i-- > 0;) body = LetStmt::make(lets[i].first, lets[i].second, body);
        return body;
    }

    static bool reads_element_of(const GraphFunc &p, const Expr &e) {
        bool found = false;
        walk(e, [&](const Access &a) {
            found |= std::find(p.elements.begin(), p.elements.end(), a.buffer) != p.elements.end();
        });
        return found;
    }

    // stream_stores, stream_loads: marks for the code generator.
    static Expr past_caches(const Expr &e) {
        return Call::make(e.type(), CallOp::nontemporal, {e});
    }
    Expr streamed(const GraphStage &def, const Expr &value) const {
        Expr e = value;
        for (const std::string &name : def.nest.streamed_loads) {
            const auto elements = elements_named(name);
            e = rewrite(e, [&](const Access &a) -> Expr {
                const auto same = [&](const auto &x) { return x.first == a.buffer; };
                return std::any_of(elements.begin(), elements.end(), same) ? past_caches(Expr(&a)) : Expr(&a);
            });
        }
        return def.nest.stream_stores && !contains_undef(e) ? past_caches(e) : e;
    }

    static bool contains_undef(const Expr &e) {
        bool found = false;
        walk(e, [&](const Call &c) { found |= c.op == CallOp::undef; });
        return found;
    }

    // undef is not stored: a whole value of it writes nothing, a branch of a select writes nothing there.
    static Stmt write(const Symbol &buffer, const ExprList &args, const Expr &value, const Expr &predicate) {
        if (!contains_undef(value)) return Write::make(buffer, args, {value}, predicate);
        if (const Call *c = value.as<Call>(); c && c->op == CallOp::undef) return Block::make({});
        if (const Let *l = value.as<Let>()) {
            return LetStmt::make(l->symbol, l->value, write(buffer, args, l->body, predicate));
        }
        if (const Select *s = value.as<Select>()) {
            return If::make(s->condition, write(buffer, args, s->true_value, predicate),
                            write(buffer, args, s->false_value, predicate));
        }
        return Block::make({});  // arithmetic on undef is undef
    }

    const Graph &g_;
    PassContext &context_;
    ExternStages externs_;
    Memoization memo_;
    std::map<int, Ranges> output_region_;
    std::map<std::pair<int, int>, const StageLoops *> active_;  // the loops around the current level
};

}  // namespace

Stmt build_nest(const Graph &graph, const std::vector<OutputRegion> &outputs, PassContext &context) {
    return NestBuilder(graph, outputs, context).build();
}

}  // namespace heddle::Internal
