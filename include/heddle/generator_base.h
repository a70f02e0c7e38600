#pragma once
// GeneratorBase: everything of a generator that does not depend on its class; how generators are registered, found
// and run. Errors are CompileErrors HD0280 to HD0289 that name the generator.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "heddle/autoscheduler.h"
#include "heddle/generator_input.h"
#include "heddle/generator_output.h"
#include "heddle/generator_param.h"
#include "heddle/pipeline.h"

namespace heddle {

using GeneratorParamsMap = std::map<std::string, std::string>;

/** What generators are made for. */
class GeneratorContext {
public:
    /** For a target that is not known yet. */
    GeneratorContext();
    explicit GeneratorContext(const Target &target);
    GeneratorContext(const Target &target, const AutoschedulerParams &autoscheduler);
    HEDDLE_SPECIAL_MEMBERS(GeneratorContext);
    const Target &target() const {
        return target_;
    }
    /** Without a name: generators schedule themselves. */
    const AutoschedulerParams &autoscheduler_params() const {
        return autoscheduler_;
    }
    GeneratorContext with_target(const Target &t) const;
    /** A new generator of class G for this context; apply() also gives it its inputs. */
    template<typename G>
    std::unique_ptr<G> create() const {
        return G::create(*this);
    }
    template<typename G, typename... Args>
    std::unique_ptr<G> apply(const Args &...args) const {
        auto g = create<G>();
        g->apply(args...);
        return g;
    }

private:
    Target target_;
    AutoschedulerParams autoscheduler_;
};

namespace Internal {

struct GeneratorContents;

class GeneratorBase {
    friend class GeneratorParamBase;
    friend class GeneratorIO;
    // Parameters, inputs and outputs that are constructed while it lives belong to the generator given, or to
    // the one that is constructed first.
    class Construction {
    public:
        explicit Construction(GeneratorBase *g);
        ~Construction();

    private:
        GeneratorBase *before_;
    };
    static GeneratorBase *&under_construction();
    static GeneratorContents &checked_construction(const std::string &member);

    std::unique_ptr<GeneratorContents> contents_;  // in front of all members that enter themselves there

public:
    GeneratorBase(const GeneratorBase &) = delete;
    GeneratorBase &operator=(const GeneratorBase &) = delete;
    virtual ~GeneratorBase();

    GeneratorParam<Target> target;

    Target get_target() const;
    int natural_vector_size(Type t) const;
    template<typename T>
    int natural_vector_size() const {
        return natural_vector_size(type_of<T>());
    }
    bool using_autoscheduler() const;
    GeneratorContext context() const;
    /** Before the generator runs. */
    void set_context(const GeneratorContext &context);
    /** Checked at each call of the kernel. */
    void add_requirement(const Expr &condition, const std::vector<Expr> &message);
    template<typename... Args>
        requires AllExprs<Args...>
    void add_requirement(const Expr &condition, const Args &...message) {
        add_requirement(condition, std::vector<Expr>{static_cast<Expr>(message)...});
    }
    /** The Pipeline of the outputs: in schedule() and later, when they are defined (HD0285). */
    Pipeline get_pipeline();
    Realization realize(const std::vector<int32_t> &sizes);
    void realize(Pipeline::RealizationArg outputs);
    void trace_pipeline();

    // In configure(): further inputs and outputs, behind those declared.
    template<typename T, typename... Args>
    Input<T> *add_input(const std::string &name, const Args &...args) {
        const Construction scope(this);
        auto *io = new Input<T>(name, args...);
        own(io);
        return io;
    }
    template<typename T, typename... Args>
    Output<T> *add_output(const std::string &name, const Args &...args) {
        const Construction scope(this);
        auto *io = new Output<T>(name, args...);
        own(io);
        return io;
    }

    /** Another generator for the same target, as a part of this one. */
    template<typename G>
    std::unique_ptr<G> create() const {
        std::unique_ptr<G> g = make<G>();
        g->set_context(context());
        return g;
    }
    template<typename G, typename... Args>
    std::unique_ptr<G> apply(const Args &...args) const {
        auto g = create<G>();
        g->apply(args...);
        return g;
    }
    /** Takes these as the values of the inputs, in order, and makes the outputs. */
    template<typename... Args>
    void apply(const Args &...args) {
        apply_values({generator_values(args)...});
    }
    /** The same, running later. */
    template<typename... Args>
    void set_inputs(const Args &...args) {
        set_input_values({generator_values(args)...});
    }

    /** A new G. */
    template<typename G>
    static std::unique_ptr<G> make() {
        const Construction scope(nullptr);
        return std::unique_ptr<G>(new G());
    }

    // For drivers.
    const std::vector<GeneratorParamBase *> &params() const;
    /** HD0282 for a name that is none, with those that are. */
    void set_param(const std::string &name, const std::string &value);
    /** Runs configure(), generate() and schedule(), once. */
    Pipeline build_pipeline();
    /** Runs configure() now; build_pipeline() does not run it again. */
    void run_configure();
    /** The inputs, in order, as arguments of the kernel. */
    std::vector<Argument> arguments() const;
    void set_registered_name(const std::string &name);
    /** HD0282 for a name that is none. */
    void set_level(const std::string &name, const LoopLevel &level);
    const std::vector<GeneratorIO *> &inputs() const;
    const std::vector<GeneratorIO *> &outputs() const;
    /** The Funcs of an output that has run: one, or those of an array. */
    std::vector<Func> output_funcs(const std::string &name) const;
    void apply_values(const std::vector<GeneratorValues> &values);

protected:
    GeneratorBase();
    virtual void call_configure() = 0;
    virtual void call_generate() = 0;
    virtual void call_schedule() = 0;

private:
    std::unique_ptr<GeneratorContents> enter();
    void own(GeneratorIO *io);
    void set_input_values(const std::vector<GeneratorValues> &values);
    void run(bool top_level, const std::vector<GeneratorValues> *values);
    std::vector<Func> all_outputs() const;
};

using GeneratorFactory = std::unique_ptr<GeneratorBase> (*)();

struct RegisterGenerator {
    /** `stub` is the class that a stub header declares, with its namespaces; "" for `name`. */
    RegisterGenerator(const char *name, GeneratorFactory factory, const char *stub = "");
    RegisterGenerator(const char *alias, const char *original, const GeneratorParamsMap &params = {});
};
template<typename G>
std::unique_ptr<GeneratorBase> make_generator() {
    return GeneratorBase::make<G>();
}

/** Names in order of the alphabet. */
std::vector<std::string> registered_generators();
/** HD0280 for a name that is none, with those that are. */
std::unique_ptr<GeneratorBase> create_generator(const std::string &name, const Target &target,
                                                const GeneratorParamsMap &params = {});

/** The class that the generator's stub header declares, with namespaces. */
std::string stub_name_of(const std::string &name);
/** The C++ header that declares a class with which other generators can call this one. */
std::string stub_header(const std::string &name, GeneratorBase &g);

// Texts of parameters. Whole texts as values; nothing when they are none.
std::string number_text(double value);
/** As a string literal of C++. */
std::string quoted(const std::string &text);
/** HD0281 for a name that is none. */
Type type_named(const std::string &name);

/** The main() of a generator program; `--help` says what it takes. */
int generate_filter_main(int argc, char **argv);

}  // namespace Internal

}  // namespace heddle
