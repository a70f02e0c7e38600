#include "lower/build_nest.h"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

#include "analysis/box.h"
#include "analysis/promises.h"
#include "analysis/simplify.h"
#include "ir/compare.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"
#include "lower/bound_constraints.h"
#include "lower/debug_files.h"
#include "lower/extern_stages.h"
#include "lower/fork_async.h"
#include "lower/hoisted_storage.h"
#include "lower/loop_unions.h"
#include "lower/memoization.h"
#include "lower/needs.h"
#include "lower/nest_refusals.h"
#include "lower/place.h"
#include "lower/prefetches.h"
#include "lower/stage_loops.h"
#include "lower/stage_writes.h"
#include "lower/storage_shape.h"

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

// A stage among those that share loops.
struct TreeStage {
    int stage = 0;  // index into GraphFunc::stages
    StageLoops loops;
    size_t own = 0;      // loops of its own, innermost first; the others are those of its parent
    size_t guarded = 0;  // the loop right inside of which `guards` stand
    std::vector<Expr> guards;  // under which this stage runs in an iteration of loops that run for others, too
    std::vector<std::pair<Symbol, Expr>> values;    // of the loop variables that are not its own
    std::vector<std::pair<StageId, size_t>> children;  // in order, with the loop inside of which each runs
};
using Tree = std::map<StageId, TreeStage>;
using Regions = std::map<int, Region>;  // by Func

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

    // --- levels

    // Of a Func whose storage is hoisted: by element, the symbols at its store level that are bound to how much is kept.
    struct Hoisted {
        std::map<Symbol, std::vector<Symbol>> rooms;
    };

    // A Func that is computed at a level, or several that share loops.
    struct Computed {
        std::vector<int> funcs;
        StmtList checks;
        Stmt produced;
        Expr checks_start, start;  // first iterations of the loop around; undefined where there is none
    };

    // `inner`, with the Funcs that are computed at this level before it and the storage of those that are
    // stored here around all. A level that is the body of a loop comes with the loop's first value, which sliding
    // windows may make smaller; what must not run in such early iterations is guarded.
    Stmt at_level(const LoopPlace &level, Stmt inner, const Symbol &loop = Symbol(), Expr *first = nullptr) {
        std::vector<int> computed, stored, hoisted;
        for (int i = 0; i < static_cast<int>(g_.funcs.size()); i++) {
            if (func(i).removed) continue;
            if (func(i).compute == level) computed.push_back(i);
            if (func(i).store == level && !func(i).is_output) stored.push_back(i);
            if (func(i).hoist == level && !(func(i).store == level)) hoisted.push_back(i);
        }
        if (computed.empty() && stored.empty() && hoisted.empty()) return inner;

        const Expr inner_start = first ? *first : Expr();
        std::vector<Reader> readers;
        if (inner.defined()) {
            const Boxes reads = boxes_touched(inner, {}, Touch::Reads, SelectBranches::Narrow);
            readers.push_back({reads, reads, reads, inner_start});
        }
        std::vector<Computed> made;
        for (const std::vector<int> &group : reversed_groups(computed)) {
            std::optional<Computed> c = compute(group, level, loop, readers);
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
            parts.push_back(marked(c.funcs, true, guarded(c.produced, c.start)));
            if (inner.defined()) parts.push_back(marked(c.funcs, false, inner));
            inner = Block::make(parts);
        }
        if (!stored.empty()) {
            // What is stored here has its bounds from the same statement.
            const Boxes accessed = boxes_touched(inner, {}, Touch::Both, SelectBranches::Both);
            for (int f : stored) {
                inner = func(f).hoist == level ? realize(f, inner, accessed) : rebase(f, inner, accessed);
            }
        }
        for (int f : hoisted) inner = realize_hoisted(f, inner);
        return externs_.at_level(level, inner);
    }

    // The Funcs given (producers first) from the last to the first; those that share loops stay together.
    std::vector<std::vector<int>> reversed_groups(const std::vector<int> &funcs) const {
        const auto shared = shared_among(funcs).groups();
        std::vector<std::vector<int>> result;
        for (size_t k = funcs.size(); k-- > 0;) {
            const auto group = std::find_if(shared.begin(), shared.end(), [&](const auto &g) {
                return std::find(g.begin(), g.end(), funcs[k]) != g.end();
            });
            if (group == shared.end()) {
                result.push_back({funcs[k]});
            } else if (group->back() == funcs[k]) {
                result.push_back(*group);
            }
        }
        return result;
    }

    SharedLoops shared_among(const std::vector<int> &funcs) const {
        SharedLoops result;
        for (int f : funcs) {
            for (const GraphStage &s : func(f).stages) {
                if (std::find(funcs.begin(), funcs.end(), s.with.func) == funcs.end()) continue;
                const GraphStage &parent = func(s.with.func).stages[static_cast<size_t>(s.with.stage)];
                result.add({f, s.definition}, {s.with.func, parent.definition});
            }
        }
        return result;
    }
    int stages_of(int f) const {
        return func(f).stages.back().definition + 1;
    }

    // Marks s as what produces (or consumes) all of these Funcs.
    Stmt marked(const std::vector<int> &funcs, bool is_producer, Stmt s) const {
        for (size_t k = funcs.size(); k-- > 0;) {
            s = ProducerConsumer::make(func(funcs[k]).elements[0], is_producer, s);
        }
        return s;
    }

    // What one Func is computed over.
    struct Member {
        int func;
        Region slid, whole;
        bool slides = false;
        Expr start;
    };

    // The Funcs of a group computed at this level for their readers, which they join; nothing when these do not use
    // any of them.
    std::optional<Computed> compute(const std::vector<int> &group, const LoopPlace &level, const Symbol &loop,
                                    std::vector<Reader> &readers) {
        Computed c;
        std::vector<Member> members;
        for (int f : group) {
            std::optional<Member> m = member(f, level, loop, readers, group.size() == 1, c);
            if (!m) continue;
            c.funcs.push_back(f);
            members.push_back(std::move(*m));
        }
        if (members.empty()) return {};
        c.start = earliest(members);
        Regions slid, whole, at_first;
        for (Member &m : members) {
            wait_until(m.start, c.start, loop, m.slid);
            wait_until(m.start, c.start, loop, m.whole);
            slid[m.func] = m.slid;
            whole[m.func] = m.whole;
            at_first[m.func] = m.slides ? m.whole : m.slid;
        }
        auto reads_of = [&](const Stmt &s) { return boxes_touched(s, {}, Touch::Reads, SelectBranches::Narrow); };
        c.produced = produce(slid);
        Reader reader{reads_of(c.produced), {}, {}, c.start};
        reader.full = same_ends(whole, slid) ? reader.reads : reads_of(produce(whole));
        // Of several Funcs some may slide and others not.
        reader.at_first = same_ends(at_first, slid)  ? reader.reads :
                          same_ends(at_first, whole) ? reader.full :
                                                       reads_of(produce(at_first));
        readers.push_back(std::move(reader));
        for (const Member &m : members) {
            if (!func(m.func).function->debug_file.empty()) {
                c.produced = Block::make({c.produced, write_to_file(func(m.func), m.slid)});
            }
            // Such a Func shares loops with no other one.
            if (memo_.applies(m.func)) c.produced = memo_.guarded(m.func, m.slid, c.produced);
        }
        return c;
    }

    // Func f of a group; when it is alone, the loop may start earlier for its window.
    std::optional<Member> member(int f, const LoopPlace &level, const Symbol &loop, const std::vector<Reader> &readers,
                                 bool alone, Computed &c) {
        const bool slides_perhaps = loop.defined() && func(f).store != level && !func(f).is_extern();
        const std::vector<Need> needs = needs_of(f, readers, slides_perhaps);
        if (needs.empty()) return {};
        LoopNeeds first = first_needs(needs, loop);
        Member m{f, {}, {}, false, first.start};
        if (!c.checks_start.defined() || (loop.defined() && can_prove(GE::make(first.start, c.checks_start)))) {
            c.checks_start = first.start;
        }
        // A region of a given extent is only understood when all readers start at once.
        const std::vector<BoundConstraint> &bounds = func(f).placement.bounds;
        const bool grows = std::all_of(bounds.begin(), bounds.end(), [](const BoundConstraint &b) { return !b.extent.defined(); });
        StmtList checks;
        if (slides_perhaps && (first.together || grows)) {
            m.slid = m.whole = bounded(f, hull_of(needs), checks);
            StmtList unused;
            first.first = bounded(f, first.first, unused);
            first.may_start_earlier = alone;
            m.slides = slide(f, level, first, m.slid, m.whole, m.start);
        }
        if (!m.slides) {
            checks.clear();
            const std::vector<Need> now = needs_of(f, readers, false);
            m.slid = bounded(f, needed_now(now, loop), checks);
            StmtList unused;
            m.whole = first.together ? m.slid : bounded(f, hull_of(now), unused);
        }
        c.checks.insert(c.checks.end(), checks.begin(), checks.end());
        return m;
    }

    static Expr earliest(const std::vector<Member> &members) {
        Expr start = members[0].start;
        for (const Member &m : members) {
            if (start.defined() && !equal(m.start, start)) start = simplify(Min::make(start, m.start));
        }
        return start;
    }

    // A Func that shares loops with one whose readers start earlier has nothing to do before its own do.
    static void wait_until(const Expr &start, const Expr &earliest, const Symbol &loop, Region &region) {
        if (!loop.defined() || region.empty() || equal(start, earliest)) return;
        const Expr begun = LE::make(start, Variable::make(Int(32), loop));
        region[0].max = Select::make(begun, region[0].max, simplify(Sub::make(region[0].min, one())));
    }

    static bool same_ends(const Interval &a, const Interval &b) {
        return equal(a.min, b.min) && equal(a.max, b.max);
    }
    static bool same_ends(const Regions &a, const Regions &b) {
        return std::all_of(a.begin(), a.end(), [&](const auto &one) {
            const Region &other = b.at(one.first);
            return std::equal(one.second.begin(), one.second.end(), other.begin(), other.end(),
                              [](const Interval &i, const Interval &k) { return same_ends(i, k); });
        });
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
            require_bounded(func(f), box, d, "is read");
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

    // --- sliding windows

    // `needs` is about the loop whose body the level is.
    bool slide(int f, const LoopPlace &level, LoopNeeds needs, Region &region, Region &whole, Expr &start) {
        const TreeStage &stage = *active_.at({level.func, level.stage});
        const LoopPlace &store = func(f).store;
        const bool same_stage = store.func == level.func && store.stage == level.stage;
        size_t end = stage.own;
        if (same_stage) end = std::min(end, static_cast<size_t>(store.dim));
        // Inside of its guard a stage does not run in every iteration of the loops around it.
        if (!stage.guards.empty() && static_cast<size_t>(level.dim) < stage.guarded) end = std::min(end, stage.guarded);
        bool slid = false, along_fold = false;
        for (auto d = static_cast<size_t>(level.dim); d < end; d++) {
            const StageLoops::Loop &loop = stage.loops.loops[d];
            if (loop.for_type != ForType::Serial && loop.for_type != ForType::Unrolled) break;
            const bool innermost = d == static_cast<size_t>(level.dim);
            // What a fold has let go of cannot be kept for the next iteration of a loop around it.
            const bool folds = moves_along_fold(func(f), region, loop.symbol);
            if (along_fold && !folds) continue;
            // All that is inside of an outer loop starts with it.
            if (!innermost) needs = {loop.symbol, loop.min, true, region, false};
            const Slide s = slide_over_loop(func(f), needs, region, whole);
            if (innermost && s.done) start = s.start;
            if (!s.done) continue;
            slid = true;
            along_fold |= folds;
            for (const Symbol &e : func(f).elements) context_.kept_over[e].insert(loop.symbol);
        }
        return slid;
    }

    // --- storage

    // `all`: what the body touches.
    Stmt realize(int f, Stmt body, const Boxes &all) {
        const GraphFunc &p = func(f);
        if (memo_.applies(f)) return realize_memoized(f, body, all);
        if (is_task(f)) note_task(f, writes_only_new(body, p.elements) ? Expr() : one());
        for (size_t k = p.elements.size(); k-- > 0;) {
            auto it = all.find(p.elements[k]);
            if (it == all.end()) {
                body = without(p.elements[k], body);
                continue;
            }
            context_.storage[p.elements[k]] = storage_origin(p);
            body = Realize::make(p.elements[k], {p.types[k]}, storage_bounds(f, it->second), storage_order(p),
                                 p.placement.memory, Expr(), body);
        }
        return body;
    }

    // The elements are kept together, in one shape.
    Stmt realize_memoized(int f, const Stmt &body, const Boxes &all) {
        const GraphFunc &p = func(f);
        std::optional<Box> common;
        for (const Symbol &e : p.elements) {
            const auto it = all.find(e);
            if (it != all.end()) common = common ? box_union(*common, it->second) : it->second;
        }
        if (common) return memo_.held(f, storage_bounds(f, *common), storage_order(p), body);
        Stmt rest = body;
        for (const Symbol &e : p.elements) rest = without(e, rest);
        return rest;
    }

    // Where nothing of an element is touched, what names it never runs: its condition cannot hold.
    static Stmt without(const Symbol &element, const Stmt &body) {
        return rewrite(
            body, [&](const Access &a) -> Expr { return a.buffer == element ? make_zero(a.type) : Expr(&a); },
            [&](const Write &w) -> Stmt { return w.buffer == element ? Block::make({}) : Stmt(&w); });
    }

    // What must be kept of f, of which `box` is touched.
    Ranges storage_bounds(int f, const Box &box) const {
        const GraphFunc &p = func(f);
        Ranges bounds;
        for (size_t d = 0; d < p.dimensions(); d++) {
            require_bounded(func(f), box, d, "is accessed");
            bounds.push_back(range_of(with_clamps(box[d])));
        }
        return bounds;
    }
    // --- hoisted storage: coordinates count from the start of what the iteration at the store level keeps

    // In `body`, the store level of f; `all` is what it touches.
    Stmt rebase(int f, Stmt body, const Boxes &all) {
        const GraphFunc &p = func(f);
        Hoisted &hoisted = hoisted_[f];
        if (is_task(f)) {
            const bool in_turn = p.placement.ring_buffer.defined() && writes_only_new(body, p.elements);
            note_task(f, in_turn ? p.placement.ring_buffer : one());
        }
        std::vector<std::pair<Symbol, Expr>> lets;
        auto bind = [&](const std::string &suffix, const Expr &e) {
            lets.emplace_back(Symbol::fresh(p.name + suffix), e);
            return lets.back().first;
        };
        Expr turn;
        if (p.placement.ring_buffer.defined()) {
            turn = Variable::make(Int(32), bind(".turn", Mod::make(iteration(p.store, p.hoist), p.placement.ring_buffer)));
        }
        for (size_t k = 0; k < p.elements.size(); k++) {
            auto it = all.find(p.elements[k]);
            if (it == all.end()) {
                body = without(p.elements[k], body);
                continue;
            }
            // A nest may be built more than once; the symbols are the same each time.
            std::vector<Symbol> &rooms = hoisted.rooms[p.elements[k]];
            const Ranges bounds = storage_bounds(f, it->second);
            ExprList base;
            for (size_t d = 0; d < bounds.size(); d++) {
                base.push_back(Variable::make(Int(32), bind(".base", bounds[d].min)));
                if (rooms.size() <= d) rooms.push_back(Symbol::fresh(p.name + ".room"));
                lets.emplace_back(rooms[d], bounds[d].extent);
            }
            body = counted_from(body, p.elements[k], base, turn);
        }
        for (size_t i = lets.size(); i-- > 0;) body = LetStmt::make(lets[i].first, lets[i].second, body);
        return body;
    }

    // Counts the iterations of all loops from the place `inner` out to `outer`.
    Expr iteration(LoopPlace inner, const LoopPlace &outer) const {
        Expr count = make_zero(Int(32)), stride = one();
        while (inner.func >= 0) {
            const TreeStage &stage = *active_.at({inner.func, inner.stage});
            for (auto d = static_cast<size_t>(std::max(inner.dim, 0)); d < stage.own; d++) {
                if (outer == LoopPlace{inner.func, inner.stage, static_cast<int>(d)}) return count;
                const StageLoops::Loop &loop = stage.loops.loops[d];
                const Expr step = Sub::make(Variable::make(Int(32), loop.symbol), loop.min);
                count = simplify(Add::make(count, Mul::make(step, stride)));
                stride = simplify(Mul::make(stride, loop.extent));
            }
            if (outer.func == inner.func && outer.stage == inner.stage) return count;
            inner = around(g_, inner);
        }
        return count;
    }

    Stmt realize_hoisted(int f, Stmt body) {
        const GraphFunc &p = func(f);
        for (size_t k = p.elements.size(); k-- > 0;) {
            const auto rooms = hoisted_[f].rooms.find(p.elements[k]);
            if (rooms == hoisted_[f].rooms.end()) continue;
            Ranges bounds;
            for (const Symbol &room : rooms->second) {
                const Expr most = largest_value(body, room);
                if (!most.defined()) refuse_hoist(p);
                bounds.push_back({make_zero(Int(32)), simplify(most)});
            }
            IntList order = storage_order(p);
            if (p.placement.ring_buffer.defined()) {
                order.push_back(static_cast<int>(bounds.size()));
                bounds.push_back({make_zero(Int(32)), p.placement.ring_buffer});
            }
            context_.storage[p.elements[k]] = storage_origin(p);
            body = Realize::make(p.elements[k], {p.types[k]}, bounds, order, p.placement.memory, Expr(), body);
        }
        // With loops that were made to start early, consecutive iterations may have the same turn.
        if (is_task(f) && starts_early(body, p.elements[0], loop_min_)) context_.async_funcs[context_.async.at(p.elements[0])].ahead = one();
        return body;
    }

    // --- tasks

    // Those that share loops have no statement of their own that a task could run. What a C function does has an order
    // with what else is done, and what a cache holds already has no producer.
    bool is_task(int f) const {
        const GraphFunc &p = func(f);
        const bool shares = std::any_of(g_.groups.begin(), g_.groups.end(), [&](const std::vector<int> &g) {
            return std::any_of(g.begin(), g.end(), [&](int i) { return func(i).function == p.function; });
        });
        return p.placement.async && !p.is_output && !p.is_extern() && !memo_.applies(f) && !shares && p.placement.compute.where != Placement::Where::Inlined;
    }
    void note_task(int f, const Expr &ahead) {
        const GraphFunc &p = func(f);
        // A nest may be built more than once, one time with larger windows: the strictest limit holds.
        const auto known = context_.async.find(p.elements[0]);
        if (known != context_.async.end()) {
            Expr &limit = context_.async_funcs[known->second].ahead;
            if (!limit.defined() || (ahead.defined() && is_const(ahead, 1))) limit = ahead;
            return;
        }
        for (const Symbol &e : p.elements) context_.async[e] = context_.async_funcs.size();
        context_.async_funcs.push_back({p.name, p.placement.async_location, f, p.elements, ahead});
    }

    // --- stages

    // All stages of these Funcs, each over its region, which is what its last stage must cover; earlier ones also
    // cover what later ones read and write. Stages that share loops make one nest.
    Stmt produce(const Regions &regions) {
        std::vector<std::pair<Symbol, Expr>> lets;
        std::vector<int> funcs;
        std::map<int, Ranges> current;
        for (const auto &[f, region] : regions) {
            funcs.push_back(f);
            Ranges &ranges = current[f];
            for (size_t d = 0; d < region.size(); d++) ranges.push_back(named(f, region[d], d, lets));
        }
        const SharedLoops shared = shared_among(funcs);
        const auto roots = shared.roots(funcs, [&](int f) { return stages_of(f); });
        HEDDLE_ASSERT(roots);
        StmtList nests;
        for (size_t r = roots->size(); r-- > 0;) {
            const StageId &root = (*roots)[r];
            if (root.stage == 0 && func(root.func).is_extern()) {
                nests.insert(nests.begin(), extern_call(root.func, current.at(root.func)));
                continue;
            }
            std::map<StageId, std::vector<bool>> may_exceed;
            may_exceed[root].resize(func(root.func).dimensions());
            const Stmt nest = branches(shared, root, current, may_exceed);
            nests.insert(nests.begin(), nest);
            for (const auto &[id, exceeds] : may_exceed) {
                if (id.stage == 0 || func(id.func).is_output) continue;
                Ranges &ranges = current.at(id.func);
                const std::vector<std::optional<Interval>> wider = before_stage(id, exceeds, nest, ranges);
                for (size_t d = 0; d < wider.size(); d++) {
                    if (wider[d]) ranges[d] = named(id.func, *wider[d], d, lets);
                }
            }
        }
        Stmt result = Block::make(nests);
        for (size_t i = lets.size(); i-- > 0;) {
            result = LetStmt::make(lets[i].first, lets[i].second, result);
        }
        return result;
    }

    // The call of a C function that computes the pure stage. Its only places are right around it, and Var::outermost().
    Stmt extern_call(int f, const Ranges &region) {
        const TreeStage no_loops;
        active_[{f, 0}] = &no_loops;
        const Stmt call = at_level({f, 0, 0}, at_level({f, 0, -1}, externs_.call(f, region)));
        active_.erase({f, 0});
        return call;
    }

    // The branches of one definition: the first whose condition holds. Those that share loops have one.
    Stmt branches(const SharedLoops &shared, const StageId &root, const std::map<int, Ranges> &current,
                  std::map<StageId, std::vector<bool>> &may_exceed) {
        const GraphFunc &p = func(root.func);
        Stmt chain;
        for (size_t s = p.stages.size(); s-- > 0;) {
            const GraphStage &branch = p.stages[s];
            if (branch.definition != root.stage) continue;
            Stmt body;
            if (branch.failure) {
                body = Assert::make(const_false(), Call::make(Int(32), CallOp::extern_c,
                                                              {Call::make(Handle(), CallOp::user_context, {}),
                                                               StringImm::make(*branch.failure)},
                                                              "halide_error_specialize_fail"));
            } else {
                const Tree tree = tree_of(shared, root, static_cast<int>(s), current);
                body = stage(tree, root);
                for (const auto &[id, node] : tree) {
                    std::vector<bool> &exceeds = may_exceed[id];
                    exceeds.resize(node.loops.may_exceed.size());
                    for (size_t d = 0; d < exceeds.size(); d++) exceeds[d] = exceeds[d] || node.loops.may_exceed[d];
                }
            }
            chain = branch.condition.defined() ? If::make(branch.condition, body, chain) : body;
        }
        return chain;
    }

    // The interval as a range whose ends are cheap to repeat. The last value is named rather than the extent, so
    // that min + extent - 1 is exact. What has a name already keeps it, so that equal ranges are seen to be equal.
    Range named(int f, const Interval &i, size_t d, std::vector<std::pair<Symbol, Expr>> &lets) const {
        const std::string name = func(f).name + "." + func(f).function->args[d];
        auto bind = [&](const Expr &e, const char *suffix) {
            if (is_simple(e)) return e;
            for (const auto &[symbol, value] : lets) {
                if (equal(value, e)) return Variable::make(Int(32), symbol);
            }
            Symbol s = Symbol::fresh(name + suffix);
            lets.emplace_back(s, e);
            return Variable::make(Int(32), s);
        };
        const Range exact = range_of(i);
        const Expr min = bind(i.min, ".min");
        if (is_simple(exact.extent)) return {min, exact.extent};
        const Expr last = bind(i.max, ".last");
        return {min, simplify(Add::make(Sub::make(last, min), one()))};
    }

    // A branch of the root and all stages that run within its loops, with the loops that they share as wide as all need.
    Tree tree_of(const SharedLoops &shared, const StageId &root, int branch, const std::map<int, Ranges> &current) const {
        Tree tree;
        std::vector<StageId> todo = {root};
        LoopUnions unions;
        while (!todo.empty()) {
            const StageId id = todo.back();
            todo.pop_back();
            TreeStage &node = tree[id];
            node.stage = id == root ? branch : func(id.func).first_branch(id.stage);
            const GraphStage &def = func(id.func).stages[static_cast<size_t>(node.stage)];
            node.loops = stage_loops(func(id.func), node.stage, current.at(id.func));
            node.own = node.guarded = node.loops.loops.size();
            if (const auto parent = shared.parent(id)) {
                node.own = node.guarded = static_cast<size_t>(def.shared);
                tree.at(*parent).children.push_back({id, static_cast<size_t>(def.with.dim)});
                unions.add(id, node.loops, node.own, *parent, static_cast<size_t>(def.with.dim), def.align);
            } else {
                unions.add(id, node.loops);
            }
            const std::vector<StageId> children = shared.children(id);
            todo.insert(todo.end(), children.rbegin(), children.rend());
        }
        for (auto &[id, node] : tree) {
            std::sort(node.children.begin(), node.children.end());
            for (const auto &[child, dim] : node.children) node.guarded = std::min(node.guarded, dim);
            unions.apply(id, node.loops, node.own, node.values, node.guards);
        }
        return tree;
    }

    // The region that the stages before this one, and before all branches of its definition, must cover, where it may be
    // another.
    std::vector<std::optional<Interval>> before_stage(const StageId &id, const std::vector<bool> &may_exceed,
                                                      const Stmt &body, const Ranges &current) {
        const int f = id.func;
        const auto s = static_cast<size_t>(func(f).first_branch(id.stage));
        const GraphFunc &p = func(f);
        Boxes touched = boxes_touched(body, {}, Touch::Both, SelectBranches::Narrow);
        std::vector<std::optional<Interval>> result(p.dimensions());
        for (size_t d = 0; d < p.dimensions(); d++) {
            if (p.stages[s].is_pure_in(d) && !may_exceed[d]) continue;
            Interval all = interval_of(current[d]);
            for (const Symbol &e : p.elements) {
                auto it = touched.find(e);
                if (it == touched.end()) continue;
                require_bounded(func(f), it->second, d, "is accessed");
                all = hull(all, with_clamps(it->second[d]));
            }
            result[d] = Interval(simplify(all.min), simplify(all.max));
        }
        return result;
    }

    // The nest of one stage, with the stages that run within its loops. Loops that are not its own are around it
    // already; their variables get their values here.
    Stmt stage(const Tree &tree, const StageId &id) {
        const TreeStage &node = tree.at(id);
        const int f = id.func, s = node.stage;
        const StageLoops &loops = node.loops;
        const GraphStage &def = func(f).stages[static_cast<size_t>(s)];
        active_[{f, s}] = &node;
        Substitution leaf;
        for (const auto &[symbol, value] : loops.values) leaf[symbol] = value;
        std::vector<Expr> guards = loops.guards;
        if (def.predicate.defined()) {
            // One guard for each part: later ones may rely on earlier ones, as on the tail of a split.
            for (const Expr &part : conjuncts(def.predicate)) {
                const Expr p = simplify(substitute(leaf, part));
                guards.push_back(Call::make(p.type(), CallOp::likely, {p}));
            }
        }
        // The variables are bound inside of all guards: what they promise holds there only.
        Stmt body = at_level({f, s, -1}, stage_writes(g_, f, def, loops.tails));
        for (size_t i = loops.values.size(); i-- > 0;) {
            body = LetStmt::make(loops.values[i].first, loops.values[i].second, body);
        }
        check_prefetches(g_, f, def);
        for (size_t d = 0; d <= loops.loops.size(); d++) {
            wrap(body, guards, d < loops.loops.size() ? loops.loops[d].symbol : Symbol());
            if (d == node.guarded) {
                for (const Expr &guard : node.guards) body = If::make(guard, body);
            }
            StmtList parts = {body};
            for (const auto &[child, dim] : node.children) {
                if (dim == d) parts.push_back(stage(tree, child));
            }
            const LoopPlace level{f, s, static_cast<int>(d)};
            body = Block::make(parts);
            if (d >= node.own) {
                body = at_level(level, body);
                if (d < loops.loops.size()) body = with_prefetches(g_, f, def, loops, d, body);
                continue;
            }
            const StageLoops::Loop &loop = loops.loops[d];
            context_.origins[loop.symbol] = {func(f).name, def.nest.dims[d].var,
                                             func(f).function->stage(def.definition).location,
                                             def.nest.dims[d].kind == DimKind::ImpureRVar};
            Expr first = loop.min;
            loop_min_[loop.symbol] = loop.min;
            body = at_level(level, body, loop.symbol, &first);
            body = with_prefetches(g_, f, def, loops, d, body);
            body = make_loop(loop, first, body);
        }
        for (const auto &[symbol, value] : node.values) body = LetStmt::make(symbol, value, body);
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

    static ExprList conjuncts(const Expr &e) {
        const And *both = e.as<And>();
        if (!both) return {e};
        ExprList all = conjuncts(both->a);
        for (const Expr &b : conjuncts(both->b)) all.push_back(b);
        return all;
    }

    // The guards that depend on this loop go right inside of it (an undefined symbol: all that are left).
    static void wrap(Stmt &body, std::vector<Expr> &guards, const Symbol &loop) {
        for (size_t i = guards.size(); i-- > 0;) {
            if (loop.defined() && !uses(guards[i], loop)) continue;
            body = If::make(guards[i], body);
            guards.erase(guards.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }

    const Graph &g_;
    PassContext &context_;
    ExternStages externs_;
    Memoization memo_;
    std::map<int, Ranges> output_region_;
    std::map<int, Hoisted> hoisted_;
    std::unordered_map<Symbol, Expr> loop_min_;  // of the loops as their stages say
    std::map<std::pair<int, int>, const TreeStage *> active_;  // the stages around the current level
};

}  // namespace

Stmt build_nest(const Graph &graph, const std::vector<OutputRegion> &outputs, PassContext &context) {
    return NestBuilder(graph, outputs, context).build();
}

}  // namespace heddle::Internal
