#include "lower/stage_writes.h"

#include <algorithm>

#include "ir/refresh.h"
#include "ir/rewrite.h"
#include "language/scatter.h"

namespace heddle::Internal {

namespace {

class Writer {
public:
    Writer(const Graph &graph, int f)
        : g_(graph), func_(graph.funcs[static_cast<size_t>(f)]) {
    }

    // The writes of the whole steps of all splits, and those of the last ones. The condition is one on outer
    // loops, which partitioning cuts by it.
    Stmt with_tails(const GraphStage &def, const StageLoops::Tails &tails) const {
        const Stmt plain = writes(def);
        if (tails.full.empty()) return plain;
        const GraphFunc &p = func_;
        GraphStage last = def;
        std::vector<Expr> loads = tails.loads;
        // What an output holds past its end is nobody's: it is not read for what is not stored there.
        const auto reads_own = [&](const Expr &e) { return reads_element_of(p, e); };
        if (p.is_output && std::any_of(def.values.begin(), def.values.end(), reads_own)) {
            loads.insert(loads.end(), tails.stores.begin(), tails.stores.end());
        }
        // Where to write is read, too: a place that was not read is none. And what is not written has no value.
        const bool all_or_nothing = std::any_of(def.args.begin(), def.args.end(), reads_memory) ||
                                    std::any_of(def.values.begin(), def.values.end(), contains_undef);
        for (size_t k = 0; k < last.values.size(); k++) {
            Expr &value = last.values[k];
            if (!loads.empty() && !all_or_nothing) {
                value = Call::make(value.type(), CallOp::if_then_else,
                                   {all_of(loads), value, make_zero(value.type())});
            }
            if (!tails.blends.empty()) {
                const Expr old = Access::make(p.types[k], p.elements[k], def.args, 0, {});
                value = Select::make(all_of(tails.blends), value, old);
            }
        }
        const Expr full = all_of(tails.full);
        Stmt rest = writes(last, tails.stores.empty() ? const_true() : all_of(tails.stores));
        if (!loads.empty() && all_or_nothing) rest = If::make(all_of(loads), rest);
        return If::make(Call::make(full.type(), CallOp::likely, {full}), plain, with_fresh_symbols(rest));
    }

private:
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

    Stmt writes(const GraphStage &def, const Expr &predicate = const_true()) const {
        const GraphFunc &p = func_;
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
            const auto elements = elements_named(g_, name);
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
    const GraphFunc &func_;
};

// Updates of one element by several iterations that run at once.
Stmt atomically(const StageNest &nest, const Stmt &writes) {
    if (!nest.atomic) return writes;
    bool vectors = false, threads = false;
    for (const Dim &d : nest.dims) {
        if (d.kind != DimKind::ImpureRVar) continue;
        vectors |= d.for_type == ForType::Vectorized;
        threads |= is_unordered(d.for_type);
    }
    return vectors || threads ? Atomic::make(threads, writes) : writes;
}

}  // namespace

Stmt stage_writes(const Graph &graph, int f, const GraphStage &def, const StageLoops::Tails &tails) {
    return atomically(def.nest, Writer(graph, f).with_tails(def, tails));
}

}  // namespace heddle::Internal
