#pragma once
// What one generator gives another: the values of its inputs, and the members of stub headers.

#include <string>
#include <type_traits>
#include <vector>

#include "heddle/buffer.h"
#include "heddle/func.h"
#include "heddle/image_param.h"
#include "heddle/target.h"

namespace heddle::Internal {

struct GeneratorValue {
    Expr expr;
    Func func;  ///< undefined (of no Function) for a number
    ImageParam image;
    GeneratorValue();
    GeneratorValue(const Expr &e);
    GeneratorValue(const Func &f);
    GeneratorValue(const ImageParam &p);
    HEDDLE_SPECIAL_MEMBERS(GeneratorValue);
};
using GeneratorValues = std::vector<GeneratorValue>;

/** A buffer input of a stub: an Input<Buffer<>> or ImageParam of the program around it, or a Buffer, whose
    contents become a part of the kernel. */
template<typename T = void>
class StubInputBuffer {
public:
    StubInputBuffer() = default;
    StubInputBuffer(const ImageParam &p)
        : value_(p) {
    }
    template<typename T2, int D2>
    StubInputBuffer(const Buffer<T2, D2> &b)
        : value_(Func(b)) {
    }
    const GeneratorValue &value() const {
        return value_;
    }

private:
    GeneratorValue value_;
};

/** A buffer output of a stub: can become an Output<Buffer<>>, or be realized. */
class StubOutput {
public:
    StubOutput();
    StubOutput(const Func &f, const Target &target);
    const Func &func() const {
        return func_;
    }
    Realization realize(const std::vector<int32_t> &sizes);
    void realize(Pipeline::RealizationArg outputs);

private:
    Func func_;
    Target target_;
};

template<typename T = void>
class StubOutputBuffer : public StubOutput {
public:
    using StubOutput::StubOutput;
    static std::vector<StubOutputBuffer> list(const std::vector<Func> &fs, const Target &target) {
        std::vector<StubOutputBuffer> result;
        for (const Func &f : fs) result.emplace_back(f, target);
        return result;
    }
};

template<typename E>
GeneratorValue generator_value(const StubInputBuffer<E> &value) {
    return value.value();
}
template<typename T>
GeneratorValue generator_value(const T &value) {
    if constexpr (std::is_base_of_v<ImageParam, T>) {
        return static_cast<const ImageParam &>(value);
    } else if constexpr (std::is_convertible_v<const T &, Func>) {
        return static_cast<Func>(value);
    } else if constexpr (std::is_convertible_v<const T &, Expr>) {
        return static_cast<Expr>(value);
    } else {
        return Func(value);
    }
}
template<typename T>
GeneratorValues generator_values(const T &value) {
    return {generator_value(value)};
}
template<typename T>
GeneratorValues generator_values(const std::vector<T> &values) {
    GeneratorValues list;
    for (const T &v : values) list.push_back(generator_value(v));
    return list;
}

}  // namespace heddle::Internal
