#pragma once
// Stages that C functions compute, while the nest is built.
//
// What such a stage needs of its inputs only the function knows: it is called with buffers that have no memory for
// its inputs, and outputs of the shape in question, and answers by setting the inputs' bounds. That is done
//   * once for all that the pipeline needs of the stage, before anything else is done (even before the kernel
//     answers a bounds query of its own, which may depend on it), and
//   * in each loop in which an input of the stage is computed, for what that iteration needs. Its answer is promised,
//     and checked, to lie within the first one.
// The bounds of inputs are variables of the nest from the beginning; at_level() and prologue() bind them.

#include <map>
#include <unordered_map>

#include "lower/graph.h"
#include "lower/pass.h"

namespace heddle::Internal {

class ExternStages {
public:
    /** `handles`: the halide_buffer_t of each image, by the symbol of its accesses. */
    ExternStages(const Graph &graph, const std::unordered_map<Symbol, Symbol> &handles)
        : g_(graph), handles_(handles) {
    }

    /** Computes stage 0 of func over region. */
    Stmt call(int func, const Ranges &region);
    /** `s` with the questions that computations at this level depend on around it. */
    Stmt at_level(const LoopPlace &level, Stmt s);
    /** The questions that come before all else, for the nest `s` of the whole pipeline. */
    std::vector<PrologueStep> prologue(const Stmt &s);

private:
    struct Bounds {
        Symbol min, max;
    };
    using Shape = std::vector<Bounds>;  // one per dimension
    /** What is known at one level of the inputs of func: a Shape per argument that is passed as a buffer. */
    struct Question {
        int func;
        LoopPlace level;
        std::vector<Shape> inputs;
    };

    const Call &definition(int func) const;
    Question &question(int func, const LoopPlace &level);
    std::vector<PrologueStep> ask(Question &q, const Stmt &s);
    Expr call_with(int func, const ExprList &inputs, const ExprList &outputs) const;
    static Expr failed(const std::string &name, const Expr &code);

    const Graph &g_;
    const std::unordered_map<Symbol, Symbol> &handles_;
    std::vector<Question> questions_;
};

}  // namespace heddle::Internal
