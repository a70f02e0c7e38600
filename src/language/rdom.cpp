#include "heddle/rdom.h"

#include <atomic>
#include <ostream>

#include "analysis/simplify.h"
#include "ir/print.h"
#include "ir/rewrite.h"
#include "language/define.h"
#include "language/function.h"
#include "language/operands.h"

namespace heddle {

using namespace Internal;

namespace {

Expr variable(const std::shared_ptr<ReductionDomain> &domain, int index) {
    return Variable::make(Int(32), domain->variables[static_cast<size_t>(index)].symbol, domain);
}

// A bound as an int32 that depends on parameters and calls only.
Expr checked_bound(const Expr &e, const char *what, const std::string &variable_name) {
    if (!e.defined())
        refuse_operands(110, concat("the ", what, " of ", variable_name, " is an undefined Expr"));
    const Expr converted = lossless_cast(Int(32), e);
    if (!converted.defined()) {
        refuse_operands(
            111,
            concat("the ", what, " of ", variable_name, " must be an int32, not ", describe(e)),
            "cast<int>(...)");
    }
    walk_graph(e, [&](const Variable &v) {
        if (!v.owner && !v.symbol.declaration()) {
            refuse_operands(
                112,
                concat("the ", what, " of ", variable_name, " depends on Var ", v.symbol.name()),
                "give it a range that does not, and a where() that restricts it");
        }
        if (const auto other = rdom_of(v)) {
            refuse_operands(
                112, concat("the ", what, " of ", variable_name, " depends on ", v.symbol.name()),
                "use where() for a domain that is no box");
        }
    });
    return converted;
}

}  // namespace

HEDDLE_DEFINE_SPECIAL_MEMBERS(RVar);
HEDDLE_DEFINE_SPECIAL_MEMBERS(RDom);

RVar::RVar(const std::string &name)
    : name_(name) {
}

RVar::RVar(const char *name)
    : name_(name) {
}

RVar::RVar() {
    static std::atomic<int> count{0};
    name_ = "rv$" + std::to_string(count.fetch_add(1, std::memory_order_relaxed));
}

RVar::RVar(std::shared_ptr<ReductionDomain> domain, int index)
    : name_(domain->variables.at(static_cast<size_t>(index)).name),
      domain_(std::move(domain)),
      index_(index) {
}

Expr RVar::min() const {
    return domain_ ? domain_->variables[static_cast<size_t>(index_)].min : Expr();
}

Expr RVar::extent() const {
    return domain_ ? domain_->variables[static_cast<size_t>(index_)].extent : Expr();
}

RVar::operator Expr() const {
    if (!domain_) {
        refuse_operands(116, name_.empty()
                                 ? std::string("a dimension is used that its RDom does not have")
                                 : concat("RVar ", name_,
                                          " is the name of a loop: it has no value in an Expr"));
    }
    return variable(domain_, index_);
}

// The names of dimensions that it does not have are empty.
RDom::RDom()
    : x(""), y(""), z(""), w("") {
}

RDom::RDom(const Region &region, const std::string &name)
    : RDom() {
    create(region, name);
}

RDom::RDom(Private, std::initializer_list<RDomArgument> pairs_and_name)
    : RDom() {
    const RDomArgument *const a = pairs_and_name.begin();
    const size_t n = pairs_and_name.size();
    Region region;
    for (size_t i = 0; i + 1 < n; i += 2) region.emplace_back(a[i].value, a[i + 1].value);
    create(region, n % 2 ? a[n - 1].name : "");
}

RDom::RDom(std::shared_ptr<ReductionDomain> domain)
    : RDom() {
    domain_ = std::move(domain);
    set_variables();
}

void RDom::create(const Region &region, const std::string &name) {
    auto domain = std::make_shared<ReductionDomain>();
    const std::string own_name = unique_name(name.empty() ? "r" : name);
    static const char *const letters[] = {"$x", "$y", "$z", "$w"};
    for (size_t i = 0; i < region.size(); i++) {
        ReductionVariable v;
        v.name = own_name + (i < 4 ? std::string(letters[i]) : "$" + std::to_string(i));
        v.min = checked_bound(region[i].min, "min", v.name);
        v.extent = checked_bound(region[i].extent, "extent", v.name);
        int64_t extent;
        if (as_const_int(v.extent, &extent) && extent < 0) {
            refuse_operands(113, concat("the extent of ", v.name, " is negative: ", extent));
        }
        v.symbol = Symbol::fresh(v.name, domain);
        domain->variables.push_back(std::move(v));
    }
    domain_ = std::move(domain);
    set_variables();
}

void RDom::set_variables() {
    RVar *const named[] = {&x, &y, &z, &w};
    for (int i = 0; i < 4 && i < dimensions(); i++)
        *named[i] = RVar(domain_, i);
}

int RDom::dimensions() const {
    return domain_ ? static_cast<int>(domain_->variables.size()) : 0;
}

RVar RDom::operator[](int i) const {
    if (i < 0 || i >= dimensions()) {
        refuse_operands(
            115, concat("an RDom of ", dimensions(), " dimension(s) has none of number ", i));
    }
    return RVar(domain_, i);
}

RDom::operator RVar() const {
    if (dimensions() != 1) {
        refuse_operands(
            115,
            concat("an RDom of ", dimensions(), " dimensions",
                   dimensions() ? concat(" (", domain_->variables[0].name, ", ...)") : "",
                   " is used as one variable"),
            "name the dimension, as in r.x");
    }
    return RVar(domain_, 0);
}

RDom::operator Expr() const {
    return static_cast<RVar>(*this);
}

void RDom::where(const Expr &predicate) {
    if (!domain_) refuse_operands(116, "where() of an undefined RDom");
    const std::string name = dimensions() ? domain_->variables[0].name : "an RDom";
    if (!predicate.defined())
        refuse_operands(110, concat("where() of ", name, ": the predicate is an undefined Expr"));
    if (!predicate.type().is_bool()) {
        refuse_operands(114,
                        concat("where() of ", name, " takes a bool, not ", describe(predicate)));
    }
    if (domain_->frozen) {
        refuse_operands(117, concat("where() of ", name, ": a definition uses the RDom already"),
                        "give all predicates before the first use");
    }
    const Expr own = without_owner(predicate, *domain_);
    domain_->predicate = domain_->predicate.defined() ? domain_->predicate && own : own;
}

std::ostream &operator<<(std::ostream &out, const RVar &v) {
    out << v.name();
    if (v.min().defined()) out << "(" << v.min() << ", " << v.extent() << ")";
    return out;
}

std::ostream &operator<<(std::ostream &out, const RDom &r) {
    out << "RDom(";
    for (int i = 0; i < r.dimensions(); i++)
        out << (i ? ", " : "") << r[i];
    return out << ")";
}

}  // namespace heddle
