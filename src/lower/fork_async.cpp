#include "lower/fork_async.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "analysis/box.h"
#include "analysis/monotonic.h"
#include "analysis/promises.h"
#include "analysis/simplify.h"
#include "ir/compare.h"
#include "ir/refresh.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

using Symbols = std::unordered_set<Symbol>;

Expr constant(int64_t v) {
    return make_const(Int(32), v);
}
Stmt nothing() {
    return Evaluate::make(constant(0));
}
bool is_nothing(const Stmt &s) {
    if (const Evaluate *e = s.as<Evaluate>()) return is_const(e->value);
    const Block *b = s.as<Block>();
    return b && b->stmts.empty();
}

// s without the statements that have become nothing, and what is around them only.
template<typename... L>
Stmt cleaned(const Stmt &s, L &&...lambdas) {
    return rewrite(
        s, lambdas..., [](const For &n) { return is_nothing(n.body) ? nothing() : Stmt(&n); },
        [](const LetStmt &n) { return is_nothing(n.body) ? nothing() : Stmt(&n); },
        [](const Realize &n) { return is_nothing(n.body) ? nothing() : Stmt(&n); },
        [](const Atomic &n) { return is_nothing(n.body) ? nothing() : Stmt(&n); },
        [](const If &n) {
            const bool no_else = !n.else_case.defined() || is_nothing(n.else_case);
            return is_nothing(n.then_case) && no_else ? nothing() : Stmt(&n);
        },
        [](const Block &n) {
            StmtList kept;
            for (const Stmt &part : n.stmts) {
                if (!is_nothing(part)) kept.push_back(part);
            }
            if (kept.empty()) return nothing();
            return kept.size() == n.stmts.size() ? Stmt(&n) : Block::make(kept);
        });
}

bool is_mark(const ProducerConsumer &n, const Symbol &func, bool producer) {
    return n.buffer == func && n.is_producer == producer;
}

// s without what produces (or consumes) the Func.
Stmt without(const Stmt &s, const Symbol &func, bool producer) {
    return cleaned(s, [&](const ProducerConsumer &n, const Rewriter &r) -> Stmt {
        if (is_mark(n, func, producer)) return nothing();
        const Stmt body = r(n.body);
        return is_nothing(body) ? nothing() : ProducerConsumer::make(n.buffer, n.is_producer, body);
    });
}

bool has_mark(const Stmt &s, const Symbol &func, bool producer) {
    bool found = false;
    walk(s, [&](const ProducerConsumer &n, const Walker &w) {
        found |= is_mark(n, func, producer);
        if (!found) w(n.body);
    });
    return found;
}

Symbols buffers_read(const Stmt &s) {
    Symbols result;
    walk(s, [&](const Access &a) { result.insert(a.buffer); });
    return result;
}
Symbols buffers_written(const Stmt &s) {
    Symbols result;
    walk(s, [&](const Write &w) { result.insert(w.buffer); });
    return result;
}
Symbols buffers_realized(const Stmt &s) {
    Symbols result;
    walk(s, [&](const Realize &n) { result.insert(n.buffer); });
    return result;
}
bool reads_any(const Stmt &s, const std::vector<Symbol> &buffers) {
    const Symbols read = buffers_read(s);
    return std::any_of(buffers.begin(), buffers.end(), [&](const Symbol &b) { return read.count(b) > 0; });
}

// What of s is needed to write the buffers that `is_wanted` names, the effects with it or not, and all that produces
// `whole`; grows `wanted` by what that reads.
template<typename Wanted>
Stmt needed_part(const Stmt &s, Symbols &wanted, bool effects, const Symbol &whole, const Wanted &is_wanted) {
    for (;;) {
        const Stmt part = cleaned(
            s, [&](const Write &n) { return is_wanted(n.buffer) || wanted.count(n.buffer) ? Stmt(&n) : nothing(); },
            [&](const Evaluate &n) { return effects ? Stmt(&n) : nothing(); },
            [&](const ProducerConsumer &n, const Rewriter &r) -> Stmt {
                if (is_mark(n, whole, true)) return Stmt(&n);
                const Stmt body = r(n.body);
                return is_nothing(body) ? nothing() : ProducerConsumer::make(n.buffer, n.is_producer, body);
            });
        const size_t before = wanted.size();
        const Symbols written = buffers_written(s);
        for (const Symbol &b : buffers_read(part)) {
            if (written.count(b) && !is_wanted(b)) wanted.insert(b);
        }
        if (wanted.size() == before) return part;
    }
}

// The Funcs (indices of async_funcs) whose storage is around a statement, with no loop between.
using Pending = std::vector<size_t>;

// What is bound to the answers of C functions that may have effects: extern stages, caches, files. They are given buffers.
Symbols answers(const Stmt &s) {
    Symbols result;
    walk(s, [&](const LetStmt &n, const Walker &w) {
        walk(n.value, [&](const Call &c) {
            const bool given = std::any_of(c.args.begin(), c.args.end(), [](const Expr &e) { return e.type().is_handle(); });
            if (c.op == CallOp::extern_c && given) result.insert(n.symbol);
        });
        w(n.body);
    });
    return result;
}

class Forker {
public:
    explicit Forker(PassContext &context)
        : context_(context) {
    }

    Stmt operator()(const Stmt &s) {
        return visit(s, {});
    }

private:
    // A Fork stands as far inside as it can: where what produces the Func and what consumes it part, or around the
    // outermost loop that both are in. Producers are forked before their consumers, so that each is computed once.
    Stmt visit(const Stmt &s, const Pending &pending) {
        Pending live;
        for (size_t f : pending) {
            if (has_marks(s, f)) live.push_back(f);
        }
        if (const Realize *n = s.as<Realize>()) {
            const auto it = context_.async.find(n->buffer);
            const bool known = it == context_.async.end() || std::find(live.begin(), live.end(), it->second) != live.end();
            if (!known) live.push_back(it->second);
            return Realize::make(n->buffer, n->types, n->bounds, n->order, n->memory, n->condition, visit(n->body, live));
        }
        if (const For *n = s.as<For>(); n && n->for_type == ForType::Vectorized) return s;
        Pending here;
        if (s.as<For>()) here = live;
        if (const Block *n = s.as<Block>()) {
            for (size_t f : live) {
                if (std::none_of(n->stmts.begin(), n->stmts.end(), [&](const Stmt &part) { return has_marks(part, f); })) {
                    here.push_back(f);
                }
            }
        }
        return here.empty() ? within(s, live) : forked(s, here, live);
    }
    Stmt within(const Stmt &s, const Pending &live) {
        auto all = [&](StmtList list) {
            for (Stmt &part : list) part = visit(part, live);
            return list;
        };
        if (const LetStmt *n = s.as<LetStmt>()) return LetStmt::make(n->symbol, n->value, visit(n->body, live));
        if (const ProducerConsumer *n = s.as<ProducerConsumer>()) {
            return ProducerConsumer::make(n->buffer, n->is_producer, visit(n->body, live));
        }
        if (const For *n = s.as<For>()) {
            return For::make(n->loop, n->min, n->extent, n->for_type, n->partition, visit(n->body, live));
        }
        if (const If *n = s.as<If>()) {
            const Stmt else_case = n->else_case.defined() ? visit(n->else_case, live) : Stmt();
            return If::make(n->condition, visit(n->then_case, live), else_case);
        }
        if (const View *n = s.as<View>()) return View::make(n->buffer, n->types, n->bounds, n->strides, visit(n->body, live), n->release);
        if (const Block *n = s.as<Block>()) return Block::make(all(n->stmts));
        if (const Fork *n = s.as<Fork>()) return Fork::make(all(n->tasks));
        if (const Acquire *n = s.as<Acquire>()) return Acquire::make(n->semaphore, n->count, visit(n->body, live));
        return s;
    }
    bool has_marks(const Stmt &s, size_t f) const {
        const Symbol &mark = context_.async_funcs[f].elements[0];
        return has_mark(s, mark, true) && has_mark(s, mark, false);
    }

    // Forks one of the Funcs `here`; the tasks are forked further for the others that are live.
    Stmt forked(const Stmt &s, const Pending &here, const Pending &live) {
        const size_t first = *std::min_element(here.begin(), here.end(), [&](size_t a, size_t b) {
            return context_.async_funcs[a].order < context_.async_funcs[b].order;
        });
        const AsyncFunc f = context_.async_funcs[first];
        Pending rest = live;
        std::erase(rest, first);
        const Symbol &mark = f.elements[0];
        // The producer's copy: all that computing the Func needs.
        const Symbols own(f.elements.begin(), f.elements.end());
        Symbols for_producer;
        const Stmt producing = needed_part(without(s, mark, false), for_producer, false, mark,
                                           [&](const Symbol &b) { return own.count(b) > 0; });
        // The consumer's: everything else that has an effect outside, and what that needs.
        const Symbols realized = buffers_realized(s);
        Symbols for_consumer;
        const Stmt consuming = needed_part(without(s, mark, true), for_consumer, true, mark, [&](const Symbol &b) {
            return !realized.count(b) && !for_producer.count(b);
        });
        for (const Symbol &b : for_consumer) {
            if (for_producer.count(b) && !realized.count(b)) refuse(f, b);
        }
        // What is called for its effect is called once only.
        const Symbols asked = answers(producing);
        const Symbols asked_again = answers(consuming);
        const bool twice = std::any_of(asked.begin(), asked.end(), [&](const Symbol &a) { return asked_again.count(a) > 0; });
        if (is_nothing(producing) || is_nothing(consuming) || twice) return visit(s, rest);
        return joined(visit(producing, rest), visit(consuming, rest), f);
    }

    [[noreturn]] void refuse(const AsyncFunc &f, const Symbol &both) {
        Diagnostic d;
        d.code = 421;
        d.location = f.location;
        d.directive = "async()";
        d.func = f.name;
        d.message = both.name() + ", which is stored outside of " + f.name + ", is needed both to compute " + f.name +
                    " and where it is used: two tasks would compute it in the same place";
        d.hint = "store " + both.name() + " inside of the loop that " + f.name + " is stored in, or make it async, too";
        throw CompileError(d);
    }

    // The two tasks with their semaphores. Tasks within the consumer may each have a part that waits for the Func.
    Stmt joined(const Stmt &producing, const Stmt &consuming, const AsyncFunc &f) {
        const Symbol &mark = f.elements[0];
        std::vector<std::pair<Symbol, Expr>> semaphores;
        auto semaphore = [&](const char *suffix, const Expr &value) {
            semaphores.emplace_back(Symbol::fresh(f.name + suffix), Call::make(Handle(), CallOp::make_semaphore, {value}));
            return Variable::make(Handle(), semaphores.back().first);
        };
        auto release = [](const Expr &s) {
            return Evaluate::make(Call::make(Int(32), CallOp::release_semaphore, {s, constant(1)}));
        };
        ExprList computed, used;
        const Stmt consumer = rewrite(consuming, [&](const ProducerConsumer &n, const Rewriter &r) -> Stmt {
            if (!is_mark(n, mark, false)) return r.children(n);
            const Stmt consume = r.children(n);
            if (!reads_any(n.body, f.elements)) return consume;
            computed.push_back(semaphore(".computed", constant(0)));
            const Expr wait = computed.back();
            if (!f.ahead.defined()) return Acquire::make(wait, constant(1), consume);
            used.push_back(semaphore(".used", f.ahead));
            return Acquire::make(wait, constant(1), Block::make({consume, release(used.back())}));
        });
        const Stmt producer = rewrite(producing, [&](const ProducerConsumer &n, const Rewriter &r) -> Stmt {
            if (!is_mark(n, mark, true)) return r.children(n);
            StmtList parts = {Stmt(&n)};
            for (const Expr &s : computed) parts.push_back(release(s));
            Stmt body = Block::make(parts);
            for (const Expr &s : used) body = Acquire::make(s, constant(1), body);
            return body;
        });
        Stmt result = Fork::make({with_fresh_symbols(producer), consumer});
        for (size_t i = semaphores.size(); i-- > 0;) result = LetStmt::make(semaphores[i].first, semaphores[i].second, result);
        return result;
    }

    PassContext &context_;
};

// e in all iterations but the first.
Expr after_first(const Expr &e, const For &loop) {
    const Expr v = Variable::make(loop.min.type(), loop.loop);
    const Expr later = simplify(LT::make(loop.min, v));
    return simplify(rewrite(e, [&](const Select &n) -> Expr {
        Expr condition = n.condition;
        const Call *c = condition.as<Call>();
        if (c && c->op == CallOp::likely) condition = c->args[0];
        return equal(simplify(condition), later) ? n.true_value : Expr(&n);
    }));
}

bool grows(const Expr &e, const Symbol &loop) {
    const Direction d = direction_of(e, loop);
    return d == Direction::Increasing || d == Direction::Constant;
}
bool shrinks(const Expr &e, const Symbol &loop) {
    const Direction d = direction_of(e, loop);
    return d == Direction::Decreasing || d == Direction::Constant;
}

// Whether what an iteration of the loop writes lies, in some dimension, beyond all that earlier ones read.
bool writes_beyond(const Box &written, const Box &read, const For &loop) {
    const Expr before = Sub::make(Variable::make(loop.min.type(), loop.loop), make_one(loop.min.type()));
    for (size_t d = 0; d < written.size(); d++) {
        const Interval w = with_clamps(written[d]), r = with_clamps(read[d]);
        if (!w.is_bounded() || !r.is_bounded()) continue;
        const Expr first_written = after_first(w.min, loop), last_written = after_first(w.max, loop);
        const Expr up = GT::make(first_written, substitute(loop.loop, before, r.max));
        if ((grows(first_written, loop.loop) || grows(r.max, loop.loop)) && can_prove(simplify(up))) return true;
        const Expr down = LT::make(last_written, substitute(loop.loop, before, r.min));
        if ((shrinks(last_written, loop.loop) || shrinks(r.min, loop.loop)) && can_prove(simplify(down))) return true;
    }
    return false;
}

}  // namespace

bool writes_only_new(const Stmt &body, const std::vector<Symbol> &elements) {
    bool result = true;
    walk(
        body,
        [&](const For &n, const Walker &w) {
            if (!has_mark(n.body, elements[0], true)) return;
            const Boxes written = boxes_touched(without(n.body, elements[0], false), {}, Touch::Writes, SelectBranches::Both);
            const Boxes read = boxes_touched(without(n.body, elements[0], true), {}, Touch::Reads, SelectBranches::Both);
            for (const Symbol &e : elements) {
                const auto in = written.find(e), out = read.find(e);
                if (in == written.end() || out == read.end()) continue;
                result = result && writes_beyond(in->second, out->second, n);
            }
            if (result) w(n.body);
        },
        [&](const ProducerConsumer &n, const Walker &w) {
            if (n.buffer != elements[0]) w(n.body);
        });
    return result;
}

Stmt fork_async(const Stmt &s, PassContext &context) {
    if (context.async.empty()) return s;
    return Forker(context)(s);
}

}  // namespace heddle::Internal
