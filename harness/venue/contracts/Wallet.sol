// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DEPOSIT_BEACON, DEPOSIT_FACTORY, DEPOSIT_WALLET} from "./Addresses.sol";

/// Places deposit wallets: the beacon proxies that stand at addresses which follow from their owners alone.
contract DepositWalletFactory {
    event WalletDeployed(address indexed owner, address indexed wallet);

    error DeploymentFailed();

    /// Anybody may place an owner's wallet, once.
    function deploy(address owner) external returns (address wallet) {
        bytes memory arguments = abi.encode(DEPOSIT_FACTORY, owner);
        bytes memory code = abi.encodePacked(
            hex"6100923d8160233d3973",
            DEPOSIT_BEACON,
            hex"60195155f3363d3d373d3d363d602036600436635c60da",
            hex"1b60e01b36527fa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6c",
            hex"b3582b35133d50545afa5036515af43d6000803e604d573d6000fd5b3d6000f3",
            arguments
        );
        bytes32 salt = keccak256(arguments);
        assembly {
            wallet := create2(0, add(code, 32), mload(code), salt)
        }
        if (wallet == address(0)) revert DeploymentFailed();
        emit WalletDeployed(owner, wallet);
    }
}

/// Names the code behind all deposit wallets.
contract DepositWalletBeacon {
    function implementation() external pure returns (address) {
        return DEPOSIT_WALLET;
    }
}

/// What every deposit wallet runs: its owner acts through it, and it says by ERC-1271 what its owner has signed.
/// The owner is the last word of the proxy's own code.
contract DepositWallet {
    error OnlyOwner();

    bytes4 private constant MAGIC = 0x1626ba7e;
    bytes4 private constant NOT_SIGNED = 0xffffffff;
    uint256 private constant SIGNATURE_BYTES = 65;
    uint256 private constant TAIL_BYTES = 66; // the application's domain, the hash of the contents, and two of length

    receive() external payable {}

    function owner() public view returns (address found) {
        bytes memory code = address(this).code;
        assembly {
            found := mload(add(code, mload(code)))
        }
    }

    /// Calls a contract as the wallet; a revert travels with its reason.
    function execute(address to, uint256 value, bytes calldata data) external returns (bytes memory answer) {
        if (msg.sender != owner()) revert OnlyOwner();
        bool done;
        (done, answer) = to.call{value: value}(data);
        if (!done) {
            assembly {
                revert(add(answer, 32), mload(answer))
            }
        }
    }

    /// ERC-1271 over ERC-7739's nested typed data: the owner's signature of contents that name this wallet, then the
    /// application's domain, the hash of the contents, their type and its length. A plain signature is refused.
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        if (signature.length <= SIGNATURE_BYTES + TAIL_BYTES) return NOT_SIGNED;
        bytes calldata tail = signature[SIGNATURE_BYTES:];
        bytes32 domain = bytes32(tail[0:32]);
        bytes32 contents = bytes32(tail[32:64]);
        bytes calldata kind = tail[64:tail.length - 2];
        if (uint16(bytes2(tail[tail.length - 2:])) != kind.length) return NOT_SIGNED;
        if (hash != keccak256(abi.encodePacked("\x19\x01", domain, contents))) return NOT_SIGNED;
        bytes32 struct_ = keccak256(
            abi.encode(
                _typeHash(kind),
                contents,
                keccak256("DepositWallet"),
                keccak256("1"),
                block.chainid,
                address(this),
                bytes32(0)
            )
        );
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", domain, struct_));
        address signer =
            ecrecover(digest, uint8(signature[64]), bytes32(signature[0:32]), bytes32(signature[32:64]));
        return signer != address(0) && signer == owner() ? MAGIC : NOT_SIGNED;
    }

    /// Of TypedDataSign around contents of that type, whose name ends where its fields begin.
    function _typeHash(bytes calldata kind) private pure returns (bytes32) {
        uint256 end;
        while (end < kind.length && kind[end] != "(") end++;
        return keccak256(
            abi.encodePacked(
                "TypedDataSign(",
                kind[0:end],
                " contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)",
                kind
            )
        );
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external pure returns (bytes4) {
        return this.onERC1155Received.selector;
    }

    function onERC1155BatchReceived(address, address, uint256[] calldata, uint256[] calldata, bytes calldata)
        external
        pure
        returns (bytes4)
    {
        return this.onERC1155BatchReceived.selector;
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0x4e2312e0; // ERC-165, and the receiver of ERC-1155
    }
}
