// LLVM's optimizations. The default pipeline spends most of its time on what kernels do not have: calls to
// inline, exceptions, loops whose vector form or unrolling is undecided. This one is shorter: memory to
// registers, simplification, loops (invariants, 64-bit induction variables), redundant loads and stores.

#include <llvm/Passes/PassBuilder.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/ADCE.h>
#include <llvm/Transforms/Scalar/BDCE.h>
#include <llvm/Transforms/Scalar/CorrelatedValuePropagation.h>
#include <llvm/Transforms/Scalar/DeadStoreElimination.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/GVN.h>
#include <llvm/Transforms/Scalar/IndVarSimplify.h>
#include <llvm/Transforms/Scalar/LICM.h>
#include <llvm/Transforms/Scalar/LoopDeletion.h>
#include <llvm/Transforms/Scalar/LoopIdiomRecognize.h>
#include <llvm/Transforms/Scalar/LoopPassManager.h>
#include <llvm/Transforms/Scalar/LoopRotation.h>
#include <llvm/Transforms/Scalar/Reassociate.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Vectorize/VectorCombine.h>

#include "codegen/llvm/module_state.h"

namespace heddle::Internal {

namespace {

llvm::FunctionPassManager loop_passes() {
    llvm::LoopPassManager loops;
    loops.addPass(llvm::LoopRotatePass());
    loops.addPass(llvm::LICMPass(llvm::LICMOptions()));
    loops.addPass(llvm::IndVarSimplifyPass());
    loops.addPass(llvm::LoopIdiomRecognizePass());
    loops.addPass(llvm::LoopDeletionPass());
    llvm::FunctionPassManager out;
    out.addPass(llvm::createFunctionToLoopPassAdaptor(std::move(loops), /*UseMemorySSA=*/true));
    return out;
}

llvm::ModulePassManager kernel_pipeline() {
    llvm::FunctionPassManager f;
    f.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
    f.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
    f.addPass(llvm::SimplifyCFGPass());
    f.addPass(llvm::InstCombinePass());
    f.addPass(llvm::ReassociatePass());
    f.addPass(loop_passes());
    f.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
    f.addPass(llvm::GVNPass());
    f.addPass(llvm::CorrelatedValuePropagationPass());
    f.addPass(llvm::BDCEPass());
    f.addPass(llvm::InstCombinePass());
    f.addPass(llvm::DSEPass());
    f.addPass(llvm::createFunctionToLoopPassAdaptor(llvm::LICMPass(llvm::LICMOptions()), /*UseMemorySSA=*/true));
    f.addPass(llvm::VectorCombinePass());
    f.addPass(llvm::ADCEPass());
    f.addPass(llvm::SimplifyCFGPass(llvm::SimplifyCFGOptions().hoistCommonInsts(true).sinkCommonInsts(true)));
    f.addPass(llvm::InstCombinePass());
    llvm::ModulePassManager out;
    out.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(f)));
    return out;
}

}  // namespace

void optimize(llvm::Module &module, llvm::TargetMachine &machine, const Target &target) {
    llvm::PassBuilder passes(&machine);
    llvm::LoopAnalysisManager loop_analyses;
    llvm::FunctionAnalysisManager function_analyses;
    llvm::CGSCCAnalysisManager call_graph_analyses;
    llvm::ModuleAnalysisManager module_analyses;
    passes.registerModuleAnalyses(module_analyses);
    passes.registerCGSCCAnalyses(call_graph_analyses);
    passes.registerFunctionAnalyses(function_analyses);
    passes.registerLoopAnalyses(loop_analyses);
    passes.crossRegisterProxies(loop_analyses, function_analyses, call_graph_analyses, module_analyses);
    // Only on demand may LLVM vectorize and unroll what the schedule left alone.
    llvm::ModulePassManager pipeline = target.has_feature(Target::EnableLLVMLoopOpt)
                                           ? passes.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
                                           : kernel_pipeline();
    pipeline.run(module, module_analyses);
}

}  // namespace heddle::Internal
