// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Dollar} from "./Dollar.sol";

/// A dollar of somebody else, made for tests by its minter.
abstract contract Minted is Dollar {
    error NotMinter();

    address public minter; // slot 3, written when the code is placed

    function mint(address to, uint256 amount) external {
        if (msg.sender != minter) revert NotMinter();
        _mint(to, amount);
    }
}

/// What positions are backed by.
contract BridgedUSDC is Minted {
    function name() external pure override returns (string memory) {
        return "USD Coin (PoS)";
    }

    function symbol() external pure override returns (string memory) {
        return "USDC.e";
    }
}

/// The issuer's own dollar: another contract than the bridged one.
contract NativeUSDC is Minted {
    function name() external pure override returns (string memory) {
        return "USD Coin";
    }

    function symbol() external pure override returns (string memory) {
        return "USDC";
    }
}
