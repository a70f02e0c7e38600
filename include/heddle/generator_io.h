#pragma once
// What the inputs and outputs of generators have in common: names, declared types and dimensions, and arrays.
// Errors are CompileErrors HD0283 to HD0286 that name the input or output.

#include <initializer_list>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "heddle/argument.h"
#include "heddle/generator_stub.h"

namespace heddle::Internal {

/** Throws CompileError `code`. */
[[noreturn]] void refuse_generator(int code, const std::string &message, const std::string &hint = "");

/** Types and dimensions of a Buffer or a Func, which may be left open until configure() has run. */
struct Shape {
    std::vector<Type> types;
    int dimensions = -1;
    Shape();
    /** Types, or dimensions: what may stand behind the name of an input or output. */
    Shape(const Type &type, int dimensions = -1);
    Shape(int dimensions);
    Shape(const std::vector<Type> &types);
    Shape(std::initializer_list<Type> types);
    template<typename T>
        requires(!std::is_same_v<T, Type> && (std::is_convertible_v<const T &, Type> || std::is_convertible_v<const T &, int>))
    Shape(const T &value)
        : Shape(static_cast<std::conditional_t<std::is_convertible_v<const T &, Type>, Type, int>>(value)) {
    }
    HEDDLE_SPECIAL_MEMBERS(Shape);
    /** This with what `more` and `d` say that it does not. */
    Shape with(const Shape &more, int d) const;
    /** As GeneratorIO::set_property, of .type (with commas between several) and .dim. */
    bool set_property(const std::string &property, const std::string &text);
    /** One type, and dimensions. */
    bool complete() const;
};

/** "int32, 2 dimension(s)": for messages. */
std::string text_of(const Shape &s);

template<typename T>
struct IsBufferType : std::false_type {};
template<typename T, int D>
struct IsBufferType<Buffer<T, D>> : std::true_type {};

/** What the C++ type of an input or output says. */
template<typename T>
Shape shape_of() {
    if constexpr (IsBufferType<T>::value) {
        if constexpr (T::has_static_halide_type) {
            return Shape(Type(T::static_halide_type()), T::static_dimensions());
        } else {
            return Shape(T::static_dimensions());
        }
    } else if constexpr (std::is_same_v<T, Func>) {
        return Shape();
    } else if constexpr (std::is_same_v<T, Expr>) {
        return Shape(0);
    } else {
        return Shape(type_of<T>(), 0);
    }
}

/** An input or output, or an array of them, of the generator that is being constructed. */
class GeneratorIO {
public:
    enum class Registration { Input, Output, None };
    GeneratorIO(const std::string &name, const Shape &shape, Registration registration);
    virtual ~GeneratorIO();
    GeneratorIO(const GeneratorIO &) = delete;
    GeneratorIO &operator=(const GeneratorIO &) = delete;

    const std::string &io_name() const {
        return io_name_;
    }
    const Shape &shape() const {
        return shape_;
    }
    // In configure(): what the declaration has left open.
    void set_type(const Type &t);
    void set_types(const std::vector<Type> &t);
    void set_dimensions(int d);

    /** Makes what generate() works with. Called once, after configure(). Only the outputs of a top-level
        generator have exactly their names. */
    virtual void prepare(bool top_level) = 0;
    /** Inputs: gives it a value in place of an argument. Called before prepare(). */
    virtual void set_values(const GeneratorValues &values);
    /** Inputs: what the kernel takes for it. */
    virtual void add_arguments(std::vector<Argument> &list) const;
    /** Outputs: HD0285 when it is not defined as declared. */
    virtual void add_outputs(std::vector<Func> &list) const;
    /** What the generator parameters NAME.type, NAME.dim and NAME.size set; false when the declaration says it
        already, or it has no such thing. */
    virtual bool set_property(const std::string &property, const std::string &text);
    /** The type of the member of a stub's Inputs or Outputs. */
    virtual std::string stub_type() const = 0;

protected:
    /** The only one of these; HD0284 unless there is one. */
    const GeneratorValue &only(const GeneratorValues &values) const;
    /** HD0283 if the shape is incomplete. */
    void check_complete() const;
    /** HD0284 if a Func given as an input does not have the types and dimensions wanted. */
    void check_value(const GeneratorValue &value) const;
    Shape shape_;

private:
    virtual void shape_changed();
    std::string io_name_;
};

/** `name_0`, `name_1`, ...: as many as the type says, or as resize() says in configure(). */
class GeneratorArray : public GeneratorIO {
public:
    ~GeneratorArray() override;
    void resize(size_t n);
    size_t size() const;
    void prepare(bool top_level) override;
    void set_values(const GeneratorValues &values) override;
    void add_arguments(std::vector<Argument> &list) const override;
    void add_outputs(std::vector<Func> &list) const override;
    bool set_property(const std::string &property, const std::string &text) override;
    std::string stub_type() const override;

protected:
    /** size is 0 for one that is open. */
    GeneratorArray(const std::string &name, const Shape &shape, Registration registration, size_t size);
    using Make = std::unique_ptr<GeneratorIO> (*)(const std::string &name, const Shape &shape);
    /** Called by the constructor of the derived class. */
    void create(Make make);
    GeneratorIO &element(size_t i) const;

private:
    void shape_changed() override;
    size_t fixed_size_;
    Make make_ = nullptr;
    std::vector<std::unique_ptr<GeneratorIO>> elements_;
};

template<typename Element>
class ArrayIO : public GeneratorArray {
public:
    ArrayIO(const std::string &name, const Shape &shape, Registration registration, size_t size)
        : GeneratorArray(name, shape, registration, size) {
        create([](const std::string &element, const Shape &s) -> std::unique_ptr<GeneratorIO> {
            return std::unique_ptr<GeneratorIO>(new Element(element, s, Registration::None));
        });
    }
    Element &operator[](size_t i) const {
        return static_cast<Element &>(element(i));
    }
    Element &at(size_t i) const {
        return static_cast<Element &>(element(i));
    }
    /** Runs over the elements themselves. */
    struct Iterator {
        const ArrayIO *array;
        size_t i;
        Element &operator*() const {
            return array->at(i);
        }
        Iterator &operator++() {
            i++;
            return *this;
        }
        bool operator!=(const Iterator &o) const {
            return i != o.i;
        }
    };
    Iterator begin() const {
        return {this, 0};
    }
    Iterator end() const {
        return {this, size()};
    }
};

/** The constructors that inputs and outputs share: name, and behind it what the type T leaves open. */
template<typename T, typename Element, GeneratorIO::Registration R>
class DeclaredIO : public Element {
public:
    explicit DeclaredIO(const std::string &name, const Shape &shape = Shape(), int dimensions = -1)
        : Element(name, shape_of<T>().with(shape, dimensions), R) {
    }
    using Element::operator=;
};
template<typename E, size_t N, typename Element, GeneratorIO::Registration R>
class DeclaredIO<E[N], Element, R> : public ArrayIO<Element> {
public:
    explicit DeclaredIO(const std::string &name, const Shape &shape = Shape(), int dimensions = -1)
        : ArrayIO<Element>(name, shape_of<E>().with(shape, dimensions), R, N) {
    }
};
template<typename E, typename Element, GeneratorIO::Registration R>
class DeclaredIO<E[], Element, R> : public ArrayIO<Element> {
public:
    explicit DeclaredIO(const std::string &name, const Shape &shape = Shape(), int dimensions = -1)
        : ArrayIO<Element>(name, shape_of<E>().with(shape, dimensions), R, 0) {
    }
    /** As many. */
    DeclaredIO(size_t size, const std::string &name, const Shape &shape = Shape(), int dimensions = -1)
        : ArrayIO<Element>(name, shape_of<E>().with(shape, dimensions), R, size) {
    }
};

}  // namespace heddle::Internal
