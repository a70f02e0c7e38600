#include "lower/inject_profiling.h"

#include <map>

#include "ir/rewrite.h"

namespace heddle::Internal {

namespace {

class Profiler {
public:
    explicit Profiler(const Graph &graph)
        : run_(Symbol::fresh("profile")) {
        for (const GraphFunc &g : graph.funcs) {
            if (g.removed || g.function->no_profiling) continue;
            for (const Symbol &e : g.elements) number_[e] = count_;
            names_ += "\n" + g.name;
            count_++;
        }
    }

    Stmt operator()(const Stmt &nest, const std::string &pipeline) {
        const Stmt body = rewrite(nest, [&](const ProducerConsumer &n, const Rewriter &r) -> Stmt { return production(n, r); });
        const Expr context = Call::make(heddle::Handle(), CallOp::user_context, {});
        const Expr start = Call::make(heddle::Handle(), CallOp::extern_c,
                                      {context, StringImm::make(pipeline), make_const(Int(32), int64_t{count_}), StringImm::make(names_)},
                                      "heddle_profiler_start");
        return LetStmt::make(run_, start, View::make(run_, {UInt(8)}, {}, {}, body, "heddle_profiler_stop"));
    }

private:
    Stmt enter(int number) const {
        return Evaluate::make(Call::make(Int(32), CallOp::extern_c,
                                         {Variable::make(heddle::Handle(), run_), make_const(Int(32), int64_t{number})},
                                         "heddle_profiler_enter"));
    }

    Stmt production(const ProducerConsumer &n, const Rewriter &r) {
        auto it = number_.find(n.buffer);
        if (!n.is_producer || it == number_.end()) return r.children(n);
        const int outer = current_;
        current_ = it->second;
        const Stmt body = r(n.body);
        current_ = outer;
        return ProducerConsumer::make(n.buffer, true, Block::make({enter(it->second), body, enter(outer)}));
    }

    Symbol run_;
    std::map<Symbol, int> number_;
    std::string names_ = "(outside of all Funcs)";
    int count_ = 1, current_ = 0;
};

}  // namespace

Stmt inject_profiling(const Stmt &nest, const Graph &graph, const std::string &pipeline) {
    return Profiler(graph)(nest, pipeline);
}

}  // namespace heddle::Internal
