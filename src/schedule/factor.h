#pragma once
// rfactor: an update becomes two. An intermediate Func holds one partial result for each value of the factored
// loops, which are Vars there; the update then merges the partial results over these loops.
//
//   f(x) += g(x, r)  with r split into ro, ri:  rfactor(ro, u)
//     f_intm(x, u) = 0;  f_intm(x, u) += g(x, u*8 + ri)  where u*8 + ri is in r's range
//     f(x) += f_intm(x, ro)
//
// Loops of the stage other than those over Vars become the RVars of the two definitions, under the same names;
// splits of Vars, the order of the loops and how they run are passed on as Definition::inherited.

#include "schedule/nest_builder.h"

namespace heddle::Internal {

/** Whether d, an rfactor directive, is legal for the update `def` of f (its current one, as definition_of gives it) with these loops. */
Verdict check_factoring(const Function &f, int stage, const Definition &def, const StageNest &nest, const Directive &d);

/** Carries out a legal d, an rfactor or a parallel with Race::Private, before it is recorded. */
void add_factoring(Function &f, int stage, const Directive &d);

/** Whether d is one of those. */
bool makes_intermediate(const Directive &d);
/** Of a parallel with Race::Private: whether it splits the loop, and, when that is done, the rfactor that it is. Its
    new Var is called task. */
bool has_task_size(const Directive &d);
Directive as_rfactor(const Function &f, const StageNest &nest, const Directive &d);

/** What files and people call the intermediate of the next rfactor of this stage: "f_intm", "f_intm_1" for that of
    update 1, "f_intm_0_1" for the second of update 0. */
std::string name_of_intermediate(const std::string &func, int update, size_t index);

}  // namespace heddle::Internal
