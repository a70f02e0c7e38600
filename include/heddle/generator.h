#pragma once
// Generators: classes that make a pipeline, to be compiled ahead of time by a generator program.
//
//   class Brighten : public Generator<Brighten> {
//   public:
//       GeneratorParam<int> vector_size{"vector_size", 8};    // name=value on the command line
//       Input<Buffer<uint8_t, 2>> input{"input"};             // arguments of the kernel, in this order
//       Input<uint8_t> offset{"offset"};
//       Output<Buffer<uint8_t, 2>> output{"output"};
//
//       void configure() {...}                                // optional: types and dimensions left open above
//       void generate() { output(x, y) = ...; }               // the algorithm
//       void schedule() { output.vectorize(x, vector_size); }  // optional
//   };
//   HEDDLE_REGISTER_GENERATOR(Brighten, brighten)
//
// The parts: generator_param.h, generator_input.h and generator_output.h (over generator_io.h), generator_base.h, and
// generator_stub.h for generators that call others.
//
// Errors are CompileErrors HD0280 to HD0289 that name the generator and the parameter, input or output.

#include <memory>
#include <string>

#include "heddle/callable.h"
#include "heddle/generator_base.h"

namespace heddle {

template<typename T>
class Generator : public Internal::GeneratorBase {
public:
    static std::unique_ptr<T> create(const GeneratorContext &context) {
        std::unique_ptr<T> g = make<T>();
        g->set_context(context);
        return g;
    }
    static std::unique_ptr<T> create(const GeneratorContext &context, const std::string &registered_name,
                                     const std::string & = "") {
        std::unique_ptr<T> g = create(context);
        g->set_registered_name(registered_name);
        return g;
    }
    using GeneratorBase::create;

protected:
    Generator() = default;

    void call_configure() override {
        if constexpr (requires(T &t) { t.configure(); }) static_cast<T *>(this)->configure();
    }
    void call_generate() override {
        static_cast<T *>(this)->generate();
    }
    void call_schedule() override {
        if constexpr (requires(T &t) { t.schedule(); }) static_cast<T *>(this)->schedule();
    }
};

/** A registered generator, compiled for this process. */
Callable create_callable_from_generator(const GeneratorContext &context, const std::string &name,
                                        const GeneratorParamsMap &params = {});
Callable create_callable_from_generator(const Target &target, const std::string &name,
                                        const GeneratorParamsMap &params = {});

}  // namespace heddle

/** Makes class Class known to the generator program under `name`. A third argument, a class with its
    namespaces, names what `-e cpp_stub` declares. */
#define HEDDLE_REGISTER_GENERATOR(Class, name, ...)                                                     \
    namespace {                                                                                         \
    const ::heddle::Internal::RegisterGenerator heddle_registered_##name(                               \
        #name, ::heddle::Internal::make_generator<Class>, #__VA_ARGS__);                                \
    }
#define HALIDE_REGISTER_GENERATOR(Class, name, ...) \
    HEDDLE_REGISTER_GENERATOR(Class, name __VA_OPT__(, ) __VA_ARGS__)

/** `alias` is `original` with these parameters: HEDDLE_REGISTER_GENERATOR_ALIAS(a, b, {{"taps", "4"}}). */
#define HEDDLE_REGISTER_GENERATOR_ALIAS(alias, original, ...)                                           \
    namespace {                                                                                         \
    const ::heddle::Internal::RegisterGenerator heddle_registered_##alias(                              \
        #alias, #original __VA_OPT__(, ) __VA_ARGS__);                                                  \
    }
#define HALIDE_REGISTER_GENERATOR_ALIAS(alias, original, ...) \
    HEDDLE_REGISTER_GENERATOR_ALIAS(alias, original, __VA_ARGS__)
