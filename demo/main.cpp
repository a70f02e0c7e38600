// The demo: three kernels that were emitted at build time, each with its default schedule and with the schedule of a
// JSON file, run on a photograph and on matrices. The results are checked against plain loops before anything is
// timed. Writes the sharpened photograph and copies the schedules and loop nests beside it.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "HalideBuffer.h"
#include "HalideRuntime.h"

#include "blur3x3.h"
#include "blur3x3_default.h"
#include "matmul.h"
#include "matmul_default.h"
#include "unsharp.h"
#include "unsharp_default.h"

#include "image.h"
#include "measure.h"
#include "peer.h"
#include "plain.h"

using Halide::Runtime::Buffer;
namespace fs = std::filesystem;

namespace {

struct Options {
    std::string photo, kernels, out, peer;
    int mosaic = 3, matrix = 1024, rounds = 5;
    double round_ms = 30;
};

constexpr float sigma = 1.5f, amount = 1.2f;

// One kernel on one input: what to run, and how wrong the last run was.
struct Case {
    Case(std::string name, std::string input) : name(std::move(name)), input(std::move(input)) {
    }

    std::string name, input;
    std::function<void()> plain;
    std::function<void()> exchanged;                   // the plain loops in a better order, if there is one
    std::function<int()> by_default, scheduled, peer;  // the return value of the kernel; peer may be empty
    std::function<void()> clear;                       // of the output
    std::function<std::string()> difference;           // from the plain result; empty if none that matters
};

void must_succeed(const std::string &name, int status) {
    if (status != 0) throw std::runtime_error(name + " returned error " + std::to_string(status));
}

void verify(const Case &c) {
    auto check = [&](const std::string &what, const std::function<int()> &kernel) {
        c.clear();
        must_succeed(c.name, kernel());
        std::string wrong = c.difference();
        if (!wrong.empty()) throw std::runtime_error(c.name + ", " + what + ": wrong result: " + wrong);
    };
    c.plain();
    check("default schedule", c.by_default);
    check("JSON schedule", c.scheduled);
    if (c.peer) check("Halide", c.peer);
}

// ---- the cases ---------------------------------------------------------------------------------

template<typename T>
std::string worst_difference(const Buffer<T> &got, const Buffer<T> &want, double allowed) {
    double worst = 0;
    int at = 0;
    for (size_t i = 0; i < want.number_of_elements(); i++) {
        double d = std::abs((double)got.data()[i] - (double)want.data()[i]);
        if (!(d <= worst)) worst = d, at = (int)i;
    }
    if (worst <= allowed) return "";
    return "element " + std::to_string(at) + " is " + std::to_string(got.data()[at]) + ", not " +
           std::to_string(want.data()[at]);
}

Case blur_case(const Image &image, const Peer &peer) {
    const int w = image.width, h = image.height;
    Buffer<uint16_t> in(w + 2, h + 2), out(w, h), want(w, h);
    in.for_each_element([&](int x, int y) {  // luma, border repeated
        int px = std::clamp(x - 1, 0, w - 1), py = std::clamp(y - 1, 0, h - 1);
        in(x, y) = 54 * image.at(px, py, 0) + 183 * image.at(px, py, 1) + 19 * image.at(px, py, 2);
        in(x, y) /= 4;
    });
    Case c("blur3x3", std::to_string(w) + "x" + std::to_string(h) + " u16");
    c.plain = [=]() mutable { plain::blur3x3(in.data(), want.data(), w, h); };
    c.by_default = [=]() mutable { return blur3x3_default(in, out); };
    c.scheduled = [=]() mutable { return blur3x3(in, out); };
    if (auto f = peer.function<int(halide_buffer_t *, halide_buffer_t *)>("blur3x3"))
        c.peer = [=]() mutable { return f(in, out); };
    c.clear = [=]() mutable { out.fill(0); };
    c.difference = [=]() { return worst_difference(out, want, 0); };
    return c;
}

Case unsharp_case(const Image &image, const Peer &peer) {
    const int w = image.width, h = image.height;
    Buffer<uint8_t> in(w, h, 3), out(w, h, 3), want(w, h, 3);
    std::copy(image.pixels.begin(), image.pixels.end(), in.data());
    Case c("unsharp", std::to_string(w) + "x" + std::to_string(h) + "x3 u8");
    c.plain = [=]() mutable { plain::unsharp(in.data(), want.data(), w, h, 3, sigma, amount); };
    c.by_default = [=]() mutable { return unsharp_default(in, amount, out); };
    c.scheduled = [=]() mutable { return unsharp(in, amount, out); };
    if (auto f = peer.function<int(halide_buffer_t *, float, halide_buffer_t *)>("unsharp"))
        c.peer = [=]() mutable { return f(in, amount, out); };
    c.clear = [=]() mutable { out.fill(0); };
    // Sums are rounded in another order, so a value just beside .5 may fall on the other side.
    c.difference = [=]() { return worst_difference(out, want, 1); };
    return c;
}

Case matmul_case(int n, const Peer &peer) {
    Buffer<float> a(n, n), b(n, n), out(n, n), want(n, n);
    std::mt19937 random(1);
    std::uniform_real_distribution<float> uniform(-1, 1);
    a.for_each_value([&](float &v) { v = uniform(random); });
    b.for_each_value([&](float &v) { v = uniform(random); });
    Case c("matmul", std::to_string(n) + "x" + std::to_string(n) + " f32");
    c.plain = [=]() mutable { plain::matmul(a.data(), b.data(), want.data(), n); };
    c.exchanged = [=]() mutable { plain::matmul_exchanged(a.data(), b.data(), want.data(), n); };
    c.by_default = [=]() mutable { return matmul_default(a, b, out); };
    c.scheduled = [=]() mutable { return matmul(a, b, out); };
    if (auto f = peer.function<int(halide_buffer_t *, halide_buffer_t *, halide_buffer_t *)>("matmul"))
        c.peer = [=]() mutable { return f(a, b, out); };
    c.clear = [=]() mutable { out.fill(0); };
    // n products of size ≤ 1, summed in single precision with and without FMA.
    c.difference = [=]() { return worst_difference(out, want, 1e-6 * n); };
    return c;
}

// ---- the table ---------------------------------------------------------------------------------

void print_header(bool with_peer) {
    std::printf("\n%-9s %-18s %8s %12s %12s %12s %8s", "kernel", "input", "threads", "plain -O3", "default",
                "JSON", "ratio");
    if (with_peer) std::printf(" %12s %8s", "Halide", "ratio");
    std::printf("\n");
}

void print_row(const Case &c, int threads, double plain, double by_default, double json, double peer) {
    std::printf("%-9s %-18s %8d %9.3f ms %9.3f ms %9.3f ms %7.2fx", c.name.c_str(), c.input.c_str(), threads, plain,
                by_default, json, plain / json);
    if (peer > 0) std::printf(" %9.3f ms %7.2fx", peer, peer / json);
    std::printf("\n");
    std::fflush(stdout);
}

// A thread pool that has grown does not shrink by itself, so it is started afresh, by both runtimes.
void use_threads(int threads, const Peer &peer) {
    static int current = -1;
    if (threads == current) return;
    current = threads;
    halide_shutdown_thread_pool();
    halide_set_num_threads(threads);
    peer.use_threads(threads);
}

// The time of a variant; 0 if it was not run.
double ms(const std::vector<Variant> &variants, const std::string &name) {
    for (const Variant &v : variants)
        if (v.name == name) return v.ms;
    return 0;
}

void run(const Case &c, const Options &options, const Peer &peer) {
    verify(c);
    const int all = (int)std::max(1u, std::thread::hardware_concurrency());
    auto on = [&](int threads, const std::function<int()> &kernel) -> Variant::Run {
        return [=, &peer] {
            use_threads(threads, peer);
            must_succeed("a kernel", kernel());
        };
    };
    // One interleaved measurement of everything. The plain loops and the default schedule use one thread.
    std::vector<Variant> variants = {{"plain", c.plain}, {"default", on(1, c.by_default)}};
    for (int threads : {1, all}) {
        variants.push_back({"json " + std::to_string(threads), on(threads, c.scheduled)});
        if (c.peer) variants.push_back({"peer " + std::to_string(threads), on(threads, c.peer)});
        if (all == 1) break;
    }
    if (c.exchanged) variants.push_back({"exchanged", c.exchanged});
    measure(variants, options.rounds, options.round_ms);
    for (int threads : {1, all}) {
        print_row(c, threads, ms(variants, "plain"), ms(variants, "default"),
                  ms(variants, "json " + std::to_string(threads)), ms(variants, "peer " + std::to_string(threads)));
        if (all == 1) break;
    }
    if (double exchanged = ms(variants, "exchanged"))
        std::printf("%-9s with the plain loops exchanged for the vectorizer: %.3f ms, ratio %.2fx on one thread\n",
                    c.name.c_str(), exchanged, exchanged / ms(variants, "json 1"));
}

// ---- what is written ---------------------------------------------------------------------------

void sharpen_photo(const Image &photo, const std::string &path) {
    Image result(photo.width, photo.height, photo.channels);
    Buffer<uint8_t> in(const_cast<uint8_t *>(photo.pixels.data()), photo.width, photo.height, photo.channels);
    Buffer<uint8_t> out(result.pixels.data(), photo.width, photo.height, photo.channels);
    must_succeed("unsharp", unsharp(in, amount, out));
    write_png(path, result);
}

// Schedules and loop nests were written when the kernels were emitted.
void copy_emitted(const Options &options) {
    for (const auto &entry : fs::directory_iterator(options.kernels)) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(".schedule.json") || name.ends_with(".stmt") || name.ends_with(".html"))
            fs::copy_file(entry.path(), fs::path(options.out) / name, fs::copy_options::overwrite_existing);
    }
}

Options parse(int argc, char **argv) {
    Options o;
    CLI::App app{"Runs the demo kernels on a photograph and on matrices"};
    app.add_option("--photo", o.photo, "an RGB image as PNG")->required()->check(CLI::ExistingFile);
    app.add_option("--kernels", o.kernels, "the folder the kernels were emitted into")->check(CLI::ExistingDirectory);
    app.add_option("--out", o.out, "where to write the sharpened photograph")->required();
    app.add_option("--peer", o.peer, "libpeer_kernels.so: the same kernels made by Halide");
    app.add_option("--mosaic", o.mosaic, "the photograph is timed repeated N×N")->check(CLI::Range(1, 32));
    app.add_option("--matrix", o.matrix, "matrices of N×N")->check(CLI::Range(1, 8192));
    app.add_option("--rounds", o.rounds, "interleaved rounds")->check(CLI::Range(1, 1000));
    app.add_option("--round-ms", o.round_ms, "least time for one variant in one round");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &e) {
        std::exit(app.exit(e));
    }
    return o;
}

}  // namespace

int main(int argc, char **argv) {
    const Options options = parse(argc, argv);
    try {
        const Image photo = read_png(options.photo);
        fs::create_directories(options.out);
        sharpen_photo(photo, options.out + "/sharpened.png");
        if (!options.kernels.empty()) copy_emitted(options);

        const Peer peer(options.peer);
        const Image big = mosaic(photo, options.mosaic);
        print_header(peer.loaded());
        run(blur_case(big, peer), options, peer);
        run(unsharp_case(big, peer), options, peer);
        run(matmul_case(options.matrix, peer), options, peer);
        std::printf("\nAll results agree with the plain loops. ratio: plain (or Halide) time over the time with the "
                    "JSON schedule.\nWritten to %s: sharpened.png, schedules, loop nests as text and as a page.\n",
                    options.out.c_str());
    } catch (const std::exception &e) {
        std::fprintf(stderr, "demo: %s\n", e.what());
        return 1;
    }
    return 0;
}
