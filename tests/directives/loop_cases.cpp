#include "directives/cases.h"

namespace heddle::testing {

namespace {

constexpr TailStrategy guard = TailStrategy::GuardWithIf;

/** What the programs below are made of. */
struct Names {
    Var x{"x"}, y{"y"}, xo{"xo"}, yo{"yo"}, xi{"xi"}, yi{"yi"}, t{"t"}, u{"u"}, nowhere{"nowhere"};
    RDom r{0, 6, 0, 4, "r"};
    Func f{"f"}, g{"g"};

    Func &plane() {
        f(x, y) = x * 3 + y;
        return f;
    }
    /** Sums of a row of r for each element. */
    Func &sums() {
        f(x) = x;
        f(x) += r.x * x + r.y;
        return f;
    }
    /** An update whose order matters. */
    Func &scan() {
        f(x, y) = x;
        f(r.x + 1, r.y + 1) = f(r.x, r.y + 1) + 2 * f(r.x + 1, r.y);
        return f;
    }
    Func &two_stages() {
        plane();
        g(x, y) = f(x, y) + f(x, y + 1);
        f.compute_root();
        return g;
    }
};

/** What `schedule` makes of plane(). */
Case of_plane(const std::function<void(Names &)> &schedule, const std::function<void(Names &)> &refused) {
    Case c;
    c.program = [=](bool said) {
        Names n;
        n.plane();
        if (said) schedule(n);
        return n.f;
    };
    c.extents = {10, 6};
    c.refused = [=] {
        Names n;
        refused(n);
    };
    return c;
}

void loops_into_loops(Cases &all) {
    all["split"] = of_plane([](Names &n) { n.f.split(n.x, n.xo, n.xi, 4, guard); },
                            [](Names &n) { n.plane().split(n.x, n.xo, n.xi, 0); });
    all["fuse"] = of_plane([](Names &n) { n.f.fuse(n.x, n.y, n.t); }, [](Names &n) { n.scan().update().fuse(n.r.y, n.r.x, RVar("t")); });
    all["rename"] = of_plane([](Names &n) { n.f.rename(n.x, n.u); }, [](Names &n) { n.plane().rename(n.x, n.y); });
    all["tile"] = of_plane([](Names &n) { n.f.tile(n.x, n.y, n.xo, n.yo, n.xi, n.yi, 4, 2, guard); },
                           [](Names &n) { n.plane().tile(n.x, n.y, n.xo, n.yo, n.xi, n.yi, 4, -2); });
    all["tile_nd"] = of_plane([](Names &n) { n.f.tile({n.x, n.y}, {n.xo, n.yo}, {n.xi, n.yi}, {4, 2}, {guard, TailStrategy::RoundUp}); },
                              [](Names &n) { n.plane().tile({n.x, n.y}, {n.xo}, {n.xi, n.yi}, {4, 2}); });
    all["reorder"] = of_plane([](Names &n) { n.f.reorder(n.y, n.x); }, [](Names &n) { n.scan().update().reorder(n.r.y, n.r.x); });
}

void how_loops_run(Cases &all) {
    all["vectorize"] = of_plane([](Names &n) { n.f.vectorize(n.x, 4, guard); }, [](Names &n) { n.scan().update().vectorize(n.r.x, 2); });
    all["unroll"] = of_plane([](Names &n) { n.f.unroll(n.x, 2, guard); },
                             [](Names &n) { n.plane().unroll(n.x, Param<int>("times")); });
    all["parallel"] = of_plane([](Names &n) { n.f.parallel(n.y, 2, guard); }, [](Names &n) { n.scan().update().parallel(n.r.y); });
    all["serial"] = of_plane([](Names &n) { n.f.serial(n.y); }, [](Names &n) { n.plane().serial(n.nowhere); });
    all["serial"].program = [](bool said) {
        Names n;
        n.plane().parallel(n.y);
        if (said) n.f.serial(n.y);
        return n.f;
    };
    all["allow_race_conditions"] = {
        [](bool said) {
            Names n;
            n.f(n.x) = n.x;
            n.f(clamp(n.r.x * n.r.x - n.r.y, 0, 9)) = 7;  // by several iterations, but always the same
            if (said) n.f.update().allow_race_conditions().parallel(n.r.x);
            return n.f;
        },
        {10},
        [] { Names().f.allow_race_conditions(); }};
    all["atomic"] = {[](bool said) {
                         Names n;
                         n.f(n.x) = 0;
                         n.f(clamp(n.r.x * n.r.y, 0, 9)) += n.r.x;
                         if (said) n.f.update().atomic().parallel(n.r.y);
                         return n.f;
                     },
                     {10},
                     [] {
                         Names n;
                         n.scan().update().atomic();
                     },
                     "partition_loops"};
    all["unscheduled"] = {[](bool said) {
                              Names n;
                              n.sums();
                              if (said) n.f.update().unscheduled();
                              return n.f;
                          },
                          {10},
                          [] {
                              Names n;
                              n.sums().update().vectorize(n.x, 4);
                              n.f.update().unscheduled();
                          }};
    all["unscheduled"].has_effect = false;
}

void loops_on_a_gpu(Cases &all) {
    all["gpu_blocks"] = of_plane([](Names &n) { n.f.gpu_blocks(n.x, n.y, DeviceAPI::CUDA); },
                                 [](Names &n) { n.scan().update().gpu_blocks(n.r.y); });
    all["gpu_threads"] = of_plane([](Names &n) { n.f.gpu_blocks(n.y).gpu_threads(n.x); },
                                  [](Names &n) { n.plane().gpu_blocks(n.y, DeviceAPI::CUDA).gpu_threads(n.x, DeviceAPI::Metal); });
    all["gpu_lanes"] = of_plane([](Names &n) { n.f.gpu_blocks(n.y).gpu_lanes(n.x); }, [](Names &n) { n.plane().gpu_lanes(n.nowhere); });
    all["gpu_single_thread"] = of_plane([](Names &n) { n.f.gpu_single_thread(); }, [](Names &n) { n.f.gpu_single_thread(); });
    all["gpu_tile"] = of_plane([](Names &n) { n.f.gpu_tile(n.x, n.y, n.xo, n.yo, n.xi, n.yi, 4, 2, guard, DeviceAPI::CUDA); },
                               [](Names &n) { n.plane().gpu_tile(n.x, n.y, n.xi, n.xi, 4, 4); });
    for (const char *name : {"gpu_blocks", "gpu_threads", "gpu_lanes", "gpu_single_thread", "gpu_tile"}) all[name].on_gpu = true;
}

// A loop with an edge, that of the border of an image, and one without.
void partitions(Cases &all) {
    const auto of_border = [&](const char *name, const std::function<void(Names &)> &schedule, const std::function<void(Names &)> &refused) {
        Case c = of_plane(schedule, refused);
        c.program = [=](bool said) {
            Names n;
            n.f(n.x, n.y) = select(likely(n.x > 2), n.x, n.y);
            if (said) schedule(n);
            return n.f;
        };
        c.before = "simplify";
        all[name] = c;
    };
    of_border("partition", [](Names &n) { n.f.partition(n.x, Partition::Never); },
              [](Names &n) { n.plane().partition(n.nowhere, Partition::Never); });
    of_border("never_partition", [](Names &n) { n.f.never_partition(n.x, n.y); },
              [](Names &n) { n.plane().never_partition(n.x, n.nowhere); });
    of_border("never_partition_all", [](Names &n) { n.f.never_partition_all(); }, [](Names &n) { n.f.never_partition_all(); });
    // Loops are cut where they can be: that is demanded after it was forbidden.
    const auto always = [&](const char *name, const std::function<void(Names &)> &schedule, const std::function<void(Names &)> &refused) {
        of_border(name, schedule, refused);
        all[name].program = [=](bool said) {
            Names n;
            n.f(n.x) = select(likely(n.x > 2), n.x, 3);
            n.f.never_partition(n.x);
            if (said) schedule(n);
            return n.f;
        };
        all[name].extents = {10};
    };
    always("always_partition", [](Names &n) { n.f.always_partition(n.x); }, [](Names &n) {
        n.plane().always_partition(n.y);
        lower_pipeline({n.f});
    });
    always("always_partition_all", [](Names &n) { n.f.always_partition_all(); }, [](Names &n) {
        n.plane().always_partition_all();
        lower_pipeline({n.f});
    });
    all["always_partition_all"].refused_as = "always_partition";
}

void branches(Cases &all) {
    const auto with_flag = [](bool said, bool fails) {
        Names n;
        Param<int> mode("mode", 1);
        n.plane();
        if (!fails && said) n.f.specialize(mode == 1).vectorize(n.x, 4, guard);
        if (fails) {
            n.f.specialize(mode == 1);
            if (said) n.f.specialize_fail("mode is 1");
        }
        return n.f;
    };
    all["specialize"] = {[=](bool said) { return with_flag(said, false); }, {10, 6}, [] {
                             Names n;
                             n.plane().specialize(n.x > 3);
                         }};
    all["specialize_fail"] = {[=](bool said) { return with_flag(said, true); }, {10, 6}, [] {
                                  Names n;
                                  n.plane().specialize_fail("");
                              }};
}

void other_stages(Cases &all) {
    all["eager_inline"] = {[](bool said) {
                               Names n;
                               n.two_stages();
                               if (said) n.g.eager_inline({n.f});
                               return n.g;
                           },
                           {10, 6},
                           [] {
                               Names n;
                               Func other("other");
                               other(n.x) = n.x;
                               n.two_stages().eager_inline({other});
                           }};
    all["rfactor"] = {[](bool said) {
                          Names n;
                          n.sums();
                          if (said) n.f.update().rfactor(n.r.y, n.u).compute_root();
                          return n.f;
                      },
                      {10},
                      [] {
                          Names n;
                          n.scan().update().rfactor(n.r.x, n.u);
                      }};
    const auto pair = [](Names &n, Func &both) {
        n.plane();
        n.g(n.x, n.y) = n.x - n.y;
        both(n.x, n.y) = n.f(n.x, n.y) * n.g(n.x, n.y + 1);
        n.f.compute_root();
        n.g.compute_root();
    };
    all["compute_with"] = {[=](bool said) {
                               Names n;
                               Func both("both");
                               pair(n, both);
                               if (said) n.g.compute_with(n.f, n.y);
                               return both;
                           },
                           {10, 6},
                           [=] {
                               Names n;
                               Func both("both");
                               pair(n, both);
                               n.g.parallel(n.y).compute_with(n.f, n.y);
                               lower_pipeline({both});
                           }};
}

void memory_on_the_way(Cases &all) {
    const auto of_two = [&](const char *name, const std::function<void(Names &)> &schedule, const std::function<void()> &refused) {
        all[name] = {[=](bool said) {
                         Names n;
                         n.two_stages();
                         if (said) schedule(n);
                         return n.g;
                     },
                     {10, 6},
                     refused};
    };
    of_two("prefetch", [](Names &n) { n.g.prefetch(n.f, n.y, n.y, 2); }, [] {
        Names n;
        n.two_stages().prefetch(n.f, n.y, n.x);
    });
    of_two("stream_loads", [](Names &n) { n.g.stream_loads(n.f); }, [] {
        Names n;
        n.two_stages().stream_loads(Func());
    });
    of_two("stream_stores", [](Names &n) { n.g.stream_stores(); }, [] { Names().g.stream_stores(); });
}

}  // namespace

Cases loop_cases() {
    Cases all;
    loops_into_loops(all);
    how_loops_run(all);
    loops_on_a_gpu(all);
    partitions(all);
    branches(all);
    other_stages(all);
    memory_on_the_way(all);
    return all;
}

}  // namespace heddle::testing
