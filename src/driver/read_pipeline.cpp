// Pipelines from JSON.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "driver/compiled.h"
#include "driver/pipeline_text.h"
#include "heddle/func.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ir/rewrite.h"
#include "ir/text.h"
#include "language/define.h"
#include "language/extern_definition.h"

namespace heddle::Internal {

namespace {

using Json = nlohmann::ordered_json;

class Reader {
public:
    explicit Reader(const std::map<std::string, Parameter> &given)
        : given_(given) {
    }

    void read_parameters(const Json &root) {
        check_format(root);
        for (const Json &j : root.at("parameters")) create_parameter(j);
    }
    Pipeline operator()(const Json &root) {
        read_parameters(root);
        for (const Json &j : root.at("rdoms")) create_domain(j);
        for (const Json &j : root.at("funcs")) {
            functions_.push_back(Function::create(j.at("name").get<std::string>()));
        }
        // Bounds of RDoms may refer to Funcs and parameters, constraints to other parameters.
        for (size_t i = 0; i < domains_.size(); i++) fill_domain(*domains_[i], root.at("rdoms")[i]);
        for (size_t i = 0; i < functions_.size(); i++) define(*functions_[i], root.at("funcs")[i]);
        for (size_t i = 0; i < parameters_.size(); i++) fill_parameter(i, root.at("parameters")[i]);
        for (size_t i = 0; i < functions_.size(); i++) fill_outputs(*functions_[i], root.at("funcs")[i]);
        std::vector<Func> outputs;
        for (const Json &i : root.at("outputs")) outputs.emplace_back(functions_.at(i.get<size_t>()));
        Pipeline p(outputs);
        for (const Json &r : root.at("requirements")) contents_of(p).requirements.push_back({expr(r.at(0)), exprs(r.at(1))});
        if (root.at("trace").get<bool>()) p.trace_pipeline();
        p.apply(Schedule::from_json(root.at("schedule").dump()));
        return p;
    }
    std::map<std::string, Parameter> parameters(const Json &root) {
        read_parameters(root);
        for (size_t i = 0; i < parameters_.size(); i++) fill_parameter(i, root.at("parameters")[i]);
        return by_name();
    }

private:
    std::map<std::string, Parameter> by_name() const {
        std::map<std::string, Parameter> list;
        for (const auto &p : parameters_) {
            if (!p->bound_from_start) list[p->name] = Parameter(p);
        }
        return list;
    }
    static void check_format(const Json &root) {
        if (root.at("heddle_pipeline") != 1) throw std::runtime_error("it is of another version");
    }
    static Type type(const Json &j) {
        const auto t = type_named(j.get<std::string>());
        if (!t) throw std::runtime_error(concat("there is no type ", j.get<std::string>()));
        return *t;
    }

    // --- expressions

    static std::vector<std::string> parts_of(const std::string &tag) {
        std::vector<std::string> parts;
        for (size_t at = 0; at <= tag.size();) {
            const size_t end = std::min(tag.find('.', at), tag.size());
            parts.push_back(tag.substr(at, end - at));
            at = end + 1;
        }
        return parts;
    }
    static Expr field(const std::shared_ptr<ParameterContents> &p, const std::string &name, const std::string &d) {
        const ParameterContents::DimSymbols &s = p->dim_symbols.at(std::stoul(d));
        return Variable::make(Int(32), name == "min" ? s.min : name == "extent" ? s.extent : s.stride, p);
    }
    Expr variable(const Variable &v) const {
        const std::string &tag = v.symbol.name();
        const std::vector<std::string> parts = parts_of(tag);
        const char kind = parts.at(0).empty() ? ' ' : tag[0];
        if (kind == 'v') return Var(tag.substr(2));
        const size_t number = std::stoul(parts.at(1));
        if (kind == 'r') {
            const auto &domain = domains_.at(number);
            return Variable::make(Int(32), domain->variables.at(std::stoul(parts.at(2))).symbol, domain);
        }
        if (kind == 'd') return field(parameters_.at(number), parts.at(2), parts.at(3));
        if (kind == 'o') return field(functions_.at(number)->output_parameters.at(std::stoul(parts.at(2))), parts.at(3), parts.at(4));
        const auto &p = parameters_.at(number);
        return Variable::make(p->type, p->symbol, p);
    }
    Expr access(const Access &a) const {
        const std::vector<std::string> parts = parts_of(a.buffer.name());
        const size_t number = std::stoul(parts.at(1));
        if (parts[0] == "f") {
            const auto &f = functions_.at(number);
            return Access::make(a.type, f->symbol, a.args, a.value_index, f);
        }
        const auto &p = parameters_.at(number);
        return Access::make(a.type, p->symbol, a.args, a.value_index, p);
    }
    Expr expr(const Json &j) {
        if (j.is_null()) return Expr();
        SymbolTable symbols;
        for (size_t i = 0; i < functions_.size(); i++) {
            if (!functions_[i]->types.empty()) symbols.add_buffer(concat("f.", i), functions_[i]->types);
        }
        for (size_t i = 0; i < parameters_.size(); i++) {
            if (parameters_[i]->is_buffer) symbols.add_buffer(concat("p.", i), {parameters_[i]->type});
        }
        return rewrite_graph(
            parse_expr(j.get<std::string>(), symbols), [&](const Variable &v) { return variable(v); },
            [&](const Access &a) -> Expr { return access(a); });
    }
    ExprList exprs(const Json &list) {
        ExprList out;
        for (const Json &j : list) out.push_back(expr(j));
        return out;
    }

    // --- declarations

    void create_parameter(const Json &j) {
        const std::string name = j.at("name");
        const Type t = type(j.at("type"));
        const bool is_buffer = j.at("is_buffer");
        const int dimensions = j.at("dimensions");
        const auto it = j.contains("contents") ? given_.end() : given_.find(name);
        if (it == given_.end()) {
            parameters_.push_back(ParameterContents::create(t, is_buffer, dimensions, name));
            return;
        }
        const Parameter &p = it->second;
        if (p.type() != t || p.is_buffer() != is_buffer || p.dimensions() != dimensions) {
            throw std::runtime_error(concat("its parameter ", name, " is ", is_buffer ? concat("a buffer of ", dimensions, " dimension(s) of ") : "",
                                            to_string(t), ", and the one given for it is not"));
        }
        parameters_.push_back(p);
    }
    void fill_parameter(size_t i, const Json &j) {
        ParameterContents &p = *parameters_[i];
        if (given_.count(p.name) && !j.contains("contents")) return;
        if (!p.is_buffer) {
            if (j.contains("value")) {
                p.scalar_bits = j.at("value");
                p.scalar_set = true;
            }
            p.default_value = expr(j.at("default"));
            p.min_value = expr(j.at("min"));
            p.max_value = expr(j.at("max"));
            p.estimate = expr(j.at("estimate"));
            return;
        }
        fill_constraints(p, j.at("constraints"));
        p.host_alignment = j.at("host_alignment");
        p.memory = static_cast<MemoryType>(j.at("memory").get<int>());
        p.trace_loads = j.at("trace_loads");
        p.trace_tags = j.at("trace_tags").get<std::vector<std::string>>();
        if (j.contains("contents")) fill_contents(p, j.at("contents"));
    }
    void fill_constraints(ParameterContents &p, const Json &list) {
        for (size_t d = 0; d < p.constraints.size(); d++) {
            BufferConstraint &c = p.constraints[d];
            Expr *const fields[] = {&c.min, &c.extent, &c.stride, &c.min_estimate, &c.extent_estimate};
            for (size_t i = 0; i < 5; i++) *fields[i] = expr(list.at(d).at(i));
        }
    }
    static void fill_contents(ParameterContents &p, const Json &j) {
        Buffer<> b(p.type, j.at("extent").get<std::vector<int>>(), j.at("order").get<std::vector<int>>(), p.name);
        b.set_min(j.at("min").get<std::vector<int>>());
        const std::string bytes = j.at("bytes");
        if (bytes.size() != 2 * b.size_in_bytes()) throw std::runtime_error(concat("the contents of ", p.name, " are incomplete"));
        auto *to = static_cast<uint8_t *>(b.data());
        for (size_t i = 0; i < bytes.size(); i += 2) {
            *to++ = static_cast<uint8_t>(std::stoul(bytes.substr(i, 2), nullptr, 16));
        }
        p.buffer = b;
        p.bound_from_start = true;
    }
    void create_domain(const Json &j) {
        auto domain = std::make_shared<ReductionDomain>();
        std::string old, fresh;
        for (const Json &v : j.at("variables")) {
            // Those of one RDom share the name before the $, as fresh ones do.
            const std::string name = v.at(0);
            const size_t dollar = std::min(name.rfind('$'), name.size());
            if (fresh.empty() || name.substr(0, dollar) != old) {
                old = name.substr(0, dollar);
                fresh = unique_name(old);
            }
            ReductionVariable variable;
            variable.name = fresh + name.substr(dollar);
            variable.symbol = Symbol::fresh(variable.name, domain);
            domain->variables.push_back(std::move(variable));
        }
        domains_.push_back(std::move(domain));
    }
    // What stands in the domain itself does not own the domain.
    Expr without_owner(const Expr &e, const ReductionDomain &domain) {
        if (!e.defined()) return e;
        return rewrite_graph(e, [&](const Variable &v) -> Expr {
            return v.owner.get() == &domain ? Variable::make(v.type, v.symbol) : Expr(&v);
        });
    }
    void fill_domain(ReductionDomain &domain, const Json &j) {
        for (size_t i = 0; i < domain.variables.size(); i++) {
            domain.variables[i].min = expr(j.at("variables").at(i).at(1));
            domain.variables[i].extent = expr(j.at("variables").at(i).at(2));
        }
        domain.predicate = without_owner(expr(j.at("predicate")), domain);
    }

    // --- definitions

    // In the definition of f, calls of f itself do not own it.
    ExprList own(const Function &f, ExprList list) {
        for (Expr &e : list) {
            if (!e.defined()) continue;
            e = rewrite_graph(e, [&](const Access &a) -> Expr {
                return a.buffer == f.symbol ? Access::make(a.type, a.buffer, a.args, a.value_index) : Expr(&a);
            });
        }
        return list;
    }
    // The checks of definitions, and then the very expressions: random numbers are bound already.
    void define(Function &f, const Json &j) {
        const Json &pure = j.at("pure");
        const ExprList args = exprs(pure.at("args"));
        if (j.contains("extern")) {
            const Json &e = j.at("extern");
            Types types;
            for (const Json &t : j.at("types")) types.push_back(type(t));
            define_external(f, {e.at("name").get<std::string>(), static_cast<NameMangling>(e.at("mangling").get<int>()),
                                static_cast<DeviceAPI>(e.at("device").get<int>())},
                            exprs(e.at("args")), types, args, {});
        } else {
            const ExprList values = exprs(pure.at("values"));
            define_pure(f, args, values, {});
            f.pure.values = values;
        }
        for (const Json &u : j.at("updates")) {
            const auto domain = u.contains("rdom") ? domains_.at(u.at("rdom").get<size_t>()) : nullptr;
            const ExprList left = own(f, exprs(u.at("args"))), values = own(f, exprs(u.at("values")));
            define_update(f, left, values, {}, domain);
            Definition &d = f.updates.back();
            d.args = left;
            d.values = values;
            if (u.contains("predicate")) d.predicate = own(f, {expr(u.at("predicate"))})[0];
        }
        f.trace_loads = j.at("trace").at(0);
        f.trace_stores = j.at("trace").at(1);
        f.trace_realizations = j.at("trace").at(2);
        f.trace_tags = j.at("trace_tags").get<std::vector<std::string>>();
        f.no_profiling = j.at("no_profiling");
        f.debug_file = j.at("debug_file");
    }
    void fill_outputs(Function &f, const Json &j) {
        for (size_t k = 0; k < f.output_parameters.size(); k++) {
            const Json &o = j.at("outputs").at(k);
            fill_constraints(*f.output_parameters[k], o.at("constraints"));
            f.output_parameters[k]->host_alignment = o.at("host_alignment");
        }
        for (const Json &e : j.at("estimates")) f.estimates.emplace_back(expr(e.at(0)), expr(e.at(1)));
    }

    const std::map<std::string, Parameter> &given_;
    std::vector<std::shared_ptr<ParameterContents>> parameters_;
    std::vector<std::shared_ptr<ReductionDomain>> domains_;
    std::vector<std::shared_ptr<Function>> functions_;
};

constexpr int most_nesting = 1000;

// Runs `read` over the data as JSON; whatever is wrong with them is HD0297.
template<typename F>
auto read_data(const std::string &text, const F &read) {
    std::string why;
    try {
        return read(Json::parse(text, [](int depth, Json::parse_event_t, const Json &) {
            // Arrays in arrays go down the stack of all that reads them.
            if (depth > most_nesting) throw std::runtime_error(concat("nested more than ", most_nesting, " levels deep"));
            return true;
        }));
    } catch (const InternalError &) {
        throw;
    } catch (const std::exception &e) {
        why = e.what();
    }
    refuse(297, "", {}, concat("the data are no pipeline that can be read: ", why));
}

}  // namespace

Pipeline pipeline_of(const std::string &text, const std::map<std::string, Parameter> &given) {
    return read_data(text, [&](const Json &root) { return Reader(given)(root); });
}

std::map<std::string, Parameter> parameters_of_text(const std::string &text) {
    const std::map<std::string, Parameter> none;
    return read_data(text, [&](const Json &root) { return Reader(none).parameters(root); });
}

}  // namespace heddle::Internal
