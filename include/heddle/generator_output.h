#pragma once
// Output: a result of the kernel that a generator makes.

#include <string>
#include <type_traits>
#include <vector>

#include "heddle/generator_io.h"

namespace heddle {

namespace Internal {

/** An output is a Func, to be defined by generate(). */
class FuncOutput : public Func, public GeneratorIO {
public:
    FuncOutput(const std::string &name, const Shape &shape, Registration registration);
    ~FuncOutput() override;
    /** This Func is the output. */
    FuncOutput &operator=(const Func &f);
    const std::string &name() const {
        return io_name();
    }
    void prepare(bool top_level) override;
    void add_outputs(std::vector<Func> &list) const override;
    std::string stub_type() const override;

private:
    bool top_level_ = false;
};

class BufferOutput : public FuncOutput {
public:
    using FuncOutput::FuncOutput;
    ~BufferOutput() override;
    BufferOutput &operator=(const Func &f);
    /** The output of a stub. */
    BufferOutput &operator=(const StubOutput &stub);
    /** The contents of a Buffer, which become a part of the kernel. */
    template<typename T, int D>
    BufferOutput &operator=(const Buffer<T, D> &b) {
        return *this = Func(b);
    }
    std::string stub_type() const override;
    operator OutputImageParam() const;
    Dimension dim(int i) const;
    int host_alignment() const;
    BufferOutput &set_host_alignment(int bytes);
    BufferOutput &set_estimates(const Region &estimates);
    Expr left() const;
    Expr right() const;
    Expr top() const;
    Expr bottom() const;
    Expr width() const;
    Expr height() const;
    Expr channels() const;
};

template<typename T>
using OutputElement = std::conditional_t<IsBufferType<T>::value, BufferOutput, FuncOutput>;
template<typename T>
using DeclaredOutput = DeclaredIO<T, OutputElement<std::remove_extent_t<T>>, GeneratorIO::Registration::Output>;

}  // namespace Internal

/** T: Buffer<...>, Func, a number (a Buffer of no dimensions), or an array T[N], T[] of those. Behind the name stands
    what T leaves open: a type or several, dimensions. */
template<typename T>
class Output : public Internal::DeclaredOutput<T> {
    using Base = Internal::DeclaredOutput<T>;

public:
    using Base::Base;
    using Base::operator=;
};

template<typename T>
using GeneratorOutput = Output<T>;

}  // namespace heddle
